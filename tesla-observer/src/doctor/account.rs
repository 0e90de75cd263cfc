//! The account, its token, its region and its scopes: what is stored on this machine.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Finding;
use crate::config::Config;
use crate::fetch::tesla::{Account, Region, Tesla, scopes_of};

/// Whose cars would be observed, and how they are asked.
pub enum Checked {
    /// Nobody's.
    Nobody {
        /// Why not.
        problem: String,
        /// What mends it.
        remedy: String,
    },
    /// Simulated ones.
    Simulated,
    /// Those of a gateway, with a token that stays.
    Gateway(Arc<Tesla>),
    /// Those of an account.
    Account(Box<Account>, Arc<Tesla>),
}

/// Without these, an application of the Fleet API is told nothing of a car, or nothing of where it is.
const NEEDED: &str = "vehicle_device_data";
const WANTED: &str = "vehicle_location";

/// Refresh tokens live for three months.
const REFRESH_LIFE: Duration = Duration::from_secs(90 * 86_400);

pub(super) fn examine(config: &Config, checked: &Checked) -> Vec<Finding> {
    match checked {
        Checked::Nobody { problem, remedy } => {
            vec![Finding::failed("account", problem).mended_by(remedy)]
        }
        Checked::Simulated => vec![match config.telemetry.has_destination() {
            true => Finding::ok("account", "simulated cars; what they report is sent on"),
            false => Finding::warning("account", "none has logged in: simulated cars are observed")
                .mended_by("tesla-observer login"),
        }],
        Checked::Gateway(_) => vec![
            Finding::ok("account", format!("a gateway's, at {}", host(config))),
            Finding::skipped("token", "the gateway's own: it is not known when it ends"),
        ],
        Checked::Account(account, _) => {
            let api = match account.api.is_fleet() {
                true => "Fleet API",
                false => "Owner API",
            };
            vec![
                Finding::ok("account", format!("{}, {api}", account.name)),
                token(account, SystemTime::now()),
                region(config, account),
                scopes(account),
            ]
        }
    }
}

fn host(config: &Config) -> String {
    let host = config.account.api_host.as_ref();
    host.map_or_else(
        || "Tesla's own host".to_owned(),
        crate::config::without_query,
    )
}

fn token(account: &Account, now: SystemTime) -> Finding {
    let tokens = &account.tokens;
    let login = format!("tesla-observer login --user {}", account.name);
    let age = now.duration_since(tokens.obtained_at);
    if let Err(ahead) = &age
        && ahead.duration() > Duration::from_secs(300)
    {
        return Finding::warning(
            "token",
            format!(
                "was given {} from now, by this machine's clock",
                spoken(ahead.duration())
            ),
        )
        .mended_by("set this machine's clock: `timedatectl set-ntp true`");
    }
    let age = age.unwrap_or_default();
    let has_refresh = tokens.refresh_token.is_some();
    match tokens.expires_at.duration_since(now) {
        Ok(rest) if has_refresh => Finding::ok(
            "token",
            format!("ends in {}, and is renewed before", spoken(rest)),
        ),
        Ok(rest) => Finding::warning(
            "token",
            format!("ends in {}, and cannot be renewed", spoken(rest)),
        )
        .mended_by(login),
        Err(_) if has_refresh && age < REFRESH_LIFE => Finding::ok(
            "token",
            format!(
                "has ended, and is renewed at the next start; it is {} old",
                spoken(age)
            ),
        ),
        Err(_) if has_refresh => Finding::warning(
            "token",
            format!(
                "is {} old: what renews it lives for about 90 days",
                spoken(age)
            ),
        )
        .mended_by(login),
        Err(ended) => Finding::failed(
            "token",
            format!(
                "ended {} ago, and cannot be renewed",
                spoken(ended.duration())
            ),
        )
        .mended_by(login),
    }
}

fn region(config: &Config, account: &Account) -> Finding {
    let told = Region::of_token(&account.tokens.access_token);
    let known = config.account.region.or(account.region);
    match (known, told) {
        (Some(set), Some(told)) if set != told => Finding::failed(
            "region",
            format!(
                "is set to {}, but the token is of {}",
                set.as_str(),
                told.as_str()
            ),
        )
        .mended_by(format!("TESLA_REGION={}, or leave it out", told.as_str())),
        (Some(known), _) | (None, Some(known)) => Finding::ok("region", known.as_str()),
        (None, None) if account.api.is_fleet() => {
            Finding::ok("region", "is asked for at the first start")
        }
        (None, None) => Finding::ok("region", "one host serves all but China"),
    }
}

fn scopes(account: &Account) -> Finding {
    if !account.api.is_fleet() {
        return Finding::skipped("scopes", "the Owner API has none");
    }
    let Some(scopes) = scopes_of(&account.tokens.access_token) else {
        return Finding::skipped("scopes", "the token does not tell them");
    };
    let has = |scope: &str| scopes.iter().any(|own| own == scope);
    let grant = "grant it to the application at developer.tesla.com, then: tesla-observer login";
    match (has(NEEDED), has(WANTED)) {
        (true, true) => Finding::ok("scopes", format!("{NEEDED}, {WANTED}")),
        (true, false) => Finding::warning(
            "scopes",
            format!("{WANTED} is missing: it is not told where the cars are"),
        )
        .mended_by(grant),
        (false, _) => Finding::failed(
            "scopes",
            format!("{NEEDED} is missing: nothing of the cars can be read"),
        )
        .mended_by(grant),
    }
}

/// A time for people: `7 h 40 min`.
pub(super) fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, ..) => format!("{days} days"),
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
