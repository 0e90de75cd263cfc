//! Whether Tesla answers, and what time it is there.

use std::time::{Duration, Instant, SystemTime};

use reqwest::Url;
use reqwest::header::DATE;

use super::account::{Checked, spoken};
use super::{Finding, PATIENCE};
use crate::config::Config;
use crate::fetch::tesla::Tesla;
use crate::fetch::{Problem, VehicleFetcher as _};

/// Answers are told by the second, and take their time.
const TOLERATED: Duration = Duration::from_secs(60);
/// Beyond that, tokens seem to have ended that have not, and backends refuse what is told.
const TOO_MUCH: Duration = Duration::from_secs(300);

pub(super) async fn examine(config: &Config, checked: Checked) -> Vec<Finding> {
    let (tesla, base) = match checked {
        Checked::Nobody { .. } => {
            let why = "there is no account to ask for";
            return vec![
                Finding::skipped("tesla", why),
                Finding::skipped("clock", why),
            ];
        }
        Checked::Simulated => {
            let why = "the simulated Tesla is a part of the observer";
            return vec![
                Finding::skipped("tesla", why),
                Finding::skipped("clock", why),
            ];
        }
        Checked::Gateway(tesla) => (tesla, config.account.api_host.clone()),
        Checked::Account(account, tesla) => {
            let set = config.account.api_host.clone().or(account.api_host.clone());
            (tesla, set)
        }
    };
    let base = base.or_else(|| Url::parse("https://owner-api.teslamotors.com").ok());
    let (asked, clock) = tokio::join!(vehicles(config, &tesla), clock(base));
    tesla.settle().await;
    vec![asked, clock]
}

/// Asks for the list of vehicles, as a start does.
async fn vehicles(config: &Config, tesla: &Tesla) -> Finding {
    let asked = tokio::time::timeout(config.timeout.max(PATIENCE), tesla.vehicles()).await;
    let error = match asked {
        Err(_) => {
            return Finding::failed("tesla", "did not answer in time")
                .mended_by("check this machine's network, or raise TESLA_TIMEOUT_SEC");
        }
        Ok(Ok(listed)) if listed.is_empty() => {
            return Finding::warning("tesla", "answers; the account has no vehicles")
                .mended_by("log in as who owns the cars: tesla-observer login");
        }
        Ok(Ok(listed)) => {
            let all = listed.len();
            let here = |vin: &str| config.shard.is_none_or(|shard| shard.has(vin));
            let own = listed.iter().filter(|own| here(&own.vehicle.vin)).count();
            let of_them = match config.shard {
                Some(shard) => format!(", {own} of them belong to the part {shard}"),
                None => String::new(),
            };
            return Finding::ok("tesla", format!("answers; vehicles: {all}{of_them}"));
        }
        Ok(Err(error)) => error,
    };
    let remedy = match error.problem {
        Problem::Unauthorized => "tesla-observer login",
        Problem::MissingScope => {
            "grant the scopes at developer.tesla.com, then: tesla-observer login"
        }
        Problem::LimitExceeded | Problem::Budget => {
            "raise the limit: --budget, and at developer.tesla.com"
        }
        Problem::Forbidden => "use the Fleet API (TESLA_API=fleet) or a gateway",
        Problem::WrongRegion => "leave TESLA_REGION out: it is found",
        Problem::RateLimited | Problem::Held => "wait: it is asked too often",
        Problem::Unreachable | Problem::Timeout | Problem::Blocked => {
            "check this machine's network, its DNS, proxy and firewall"
        }
        Problem::Configuration => "tesla-observer config",
        _ => "try again later; what is said above tells more",
    };
    Finding::failed("tesla", error.to_string()).mended_by(remedy)
}

/// Compares this machine's clock with what a server tells. It is asked without a token.
async fn clock(base: Option<Url>) -> Finding {
    let unknown = |why: String| Finding::skipped("clock", why);
    let Some(base) = base else {
        return unknown("nobody is there to ask".to_owned());
    };
    let Ok(client) = super::client(&base) else {
        return unknown("this machine cannot make HTTPS connections".to_owned());
    };
    let start = Instant::now();
    let host = base.host_str().unwrap_or_default().to_owned();
    let Ok(answer) = client.head(base).send().await else {
        return unknown(format!("{host} does not answer"));
    };
    let date = answer
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok());
    let Some(there) = date.and_then(of_http) else {
        return unknown(format!("{host} does not tell the time"));
    };
    // What it said was true half of the way ago, more or less.
    compared(SystemTime::now(), there + start.elapsed() / 2, &host)
}

fn of_http(date: &str) -> Option<SystemTime> {
    let parsed = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(parsed.timestamp().into())
}

fn compared(here: SystemTime, there: SystemTime, host: &str) -> Finding {
    let (apart, way) = match here.duration_since(there) {
        Ok(apart) => (apart, "ahead"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let says = format!("is {} {way} of {host}", spoken(apart));
    let remedy = "set it by the network: timedatectl set-ntp true";
    match apart {
        apart if apart > TOO_MUCH => Finding::failed("clock", says).mended_by(remedy),
        apart if apart > TOLERATED => Finding::warning("clock", says).mended_by(remedy),
        _ => Finding::ok("clock", format!("agrees with {host}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_clock_that_is_wrong_is_told_by_how_much() {
        let there = of_http("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        let off = |seconds| compared(there + Duration::from_secs(seconds), there, "example.com");
        assert_eq!(off(20).verdict, Verdict::Ok);
        assert_eq!(off(100).verdict, Verdict::Warning);
        let hour = off(3_700);
        assert_eq!(hour.verdict, Verdict::Failed);
        assert_eq!(hour.says, "is 1 h 1 min ahead of example.com");
        let behind = compared(there, there + Duration::from_secs(3_700), "example.com");
        assert!(behind.says.contains("behind"), "{behind:?}");
    }
}
