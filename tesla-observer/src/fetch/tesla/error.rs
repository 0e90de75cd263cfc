//! What Tesla's answers mean: each status and body becomes a problem, words for the owner, and what
//! happens next.
//!
//! [`classify`] is a pure function of an answer. The bodies were collected from public issues and
//! from Tesla's documentation; a status not known here is treated by its hundred.

use std::time::SystemTime;

use reqwest::header::{HeaderMap, LOCATION};

use super::body::{is_damaged_json, is_html, message, said};
use super::wait::{self, Wait};
use super::words::quote;
use crate::fetch::{FetchError, Next, Problem};

/// An answer that is not a success, with what its meaning depends on.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a str,
    /// What kind of token was sent.
    pub with: With,
    /// When it was answered; for dates in `Retry-After`.
    pub now: SystemTime,
}

/// What kind of token a question was asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// An Owner API token.
    Owner,
    /// A Fleet API token.
    Fleet,
    /// A token that never changes, given by the settings.
    Fixed,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What kind of problem it is.
    pub problem: Problem,
    /// What was found and what to do about it, in words for the owner.
    pub detail: String,
    /// How long to wait.
    pub wait: Wait,
    /// What the client may try by itself before it reports the problem.
    pub remedy: Remedy,
}

/// What the client may try by itself, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    None,
    /// Renew the token and ask again.
    Renew,
    /// Ask at the base URL that the body names, if it is one of Tesla's.
    OtherBase,
    /// Ask again without the vehicle's position.
    WithoutLocation,
}

/// The scopes of the Fleet API, to name the one that a body complains about.
const SCOPES: [&str; 10] = [
    "vehicle_device_data",
    "vehicle_location",
    "vehicle_charging_cmds",
    "vehicle_cmds",
    "vehicle_specs",
    "energy_device_data",
    "energy_cmds",
    "user_data",
    "offline_access",
    "openid",
];

/// What the answer means.
pub fn classify(answered: &Answered<'_>) -> Verdict {
    let text = message(answered.body);
    let lower = text.to_lowercase();
    match answered.status {
        200..=299 => unreadable(answered.body),
        300..=399 => redirected(answered.headers),
        401 => unauthorized(answered.with, &lower, &text),
        403 => forbidden(answered, &lower, &text),
        404 => Verdict::new(
            Problem::NotFound,
            format!(
                "Tesla does not know it{}; it was perhaps removed from the account",
                said(&text)
            ),
            Wait::AsUsual,
        ),
        405 if lower.contains("in service") => Verdict::new(
            Problem::InService,
            "the vehicle is in service: a workshop has it, it answers again afterwards".to_owned(),
            Wait::AsUsual,
        ),
        408 => unavailable(&lower, &text),
        412 => precondition(&lower, &text),
        421 => Verdict {
            remedy: Remedy::OtherBase,
            ..Verdict::new(
                Problem::WrongRegion,
                format!(
                    "the account belongs to another region{}: set TESLA_REGION (--region) to na, eu or cn",
                    said(&text)
                ),
                Wait::Stop,
            )
        },
        423 => Verdict::new(
            Problem::Forbidden,
            format!(
                "the account is locked{}; only Tesla can unlock it",
                said(&text)
            ),
            Wait::Exactly(wait::HOUR),
        ),
        429 => rate_limited(answered, &text),
        451 => Verdict::new(
            Problem::Forbidden,
            format!(
                "the vehicle's privacy settings or the law forbid it{}; look at data sharing in the vehicle's settings",
                said(&text)
            ),
            Wait::Exactly(wait::HOUR),
        ),
        499 => server(answered, "the request was given up on its way", &text),
        500..=599 => server(answered, server_words(answered.status), &text),
        status => Verdict::new(
            Problem::Configuration,
            format!(
                "the service does not accept the request (status {status}){}; check that the API host is the right one, or update the observer",
                said(&text)
            ),
            Wait::Exactly(wait::LONG),
        ),
    }
}

impl Verdict {
    fn new(problem: Problem, detail: String, wait: Wait) -> Self {
        Self {
            problem,
            detail,
            wait,
            remedy: Remedy::None,
        }
    }

    /// The error that it makes, after `failures` failures in a row before this one.
    pub(super) fn into_error(self, doing: String, failures: u32) -> FetchError {
        let next = match self.wait {
            Wait::AsUsual => Next::AsUsual,
            Wait::Exactly(time) => Next::After(time),
            Wait::Failing => Next::After(wait::after_failures(failures)),
            Wait::Backoff => Next::After(wait::exponential(failures)),
            Wait::Stop => Next::Stop,
        };
        FetchError {
            doing,
            problem: self.problem,
            detail: self.detail,
            next,
        }
    }
}

/// A success whose body is not what it should be.
pub(super) fn unreadable(body: &str) -> Verdict {
    let detail = if body.trim().is_empty() {
        "the answer is empty".to_owned()
    } else if is_html(body) {
        "the answer is an HTML page instead of JSON: something between here and Tesla answers (a proxy, a captive portal), or the API host is wrong".to_owned()
    } else if is_damaged_json(body) {
        // Not quoted: it has a car's data in it.
        "the answer is not what it should be: JSON that is cut off, damaged or among something else"
            .to_owned()
    } else {
        format!(
            "the answer is not what it should be{}",
            said(&message(body))
        )
    };
    Verdict::new(Problem::Unreadable, detail, Wait::Failing)
}

fn redirected(headers: &HeaderMap) -> Verdict {
    let to = headers
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| reqwest::Url::parse(location).ok())
        .and_then(|location| location.host_str().map(quote))
        .map_or_else(|| "elsewhere".to_owned(), |host| format!("to {host}"));
    Verdict::new(
        Problem::Blocked,
        format!(
            "the answer leads {to}, where the token is not sent: check the API host, and whether a proxy or a captive portal is in between"
        ),
        Wait::Exactly(wait::LONG),
    )
}

fn unauthorized(with: With, lower: &str, text: &str) -> Verdict {
    if lower.contains("mobile_access_disabled") || lower.contains("mobile access") {
        return Verdict::new(
            Problem::Forbidden,
            "mobile access is switched off in the vehicle: allow it under Controls, Safety"
                .to_owned(),
            Wait::Exactly(wait::LONG),
        );
    }
    if with == With::Fixed {
        return Verdict::new(
            Problem::Unauthorized,
            format!(
                "the token given by TOKEN is refused{}; set a valid one",
                said(text)
            ),
            Wait::Stop,
        );
    }
    Verdict {
        remedy: Remedy::Renew,
        ..Verdict::new(
            Problem::Unauthorized,
            format!(
                "the token is refused{}; log in again with `tesla-observer login`",
                said(text)
            ),
            Wait::Stop,
        )
    }
}

fn forbidden(answered: &Answered<'_>, lower: &str, text: &str) -> Verdict {
    // First: a page can have any word in it, `<th scope="row">` for one.
    if is_html(answered.body) {
        return Verdict::new(
            Problem::Blocked,
            "a firewall in front of Tesla refuses this address (an HTML page with status 403): it is usually lifted after a while; VPN and data centre addresses are refused most".to_owned(),
            Wait::Exactly(wait::LONG),
        );
    }
    if lower.contains("exceeded_limit") {
        return Verdict::new(
            Problem::LimitExceeded,
            "Tesla has disabled the application because its billing limit is reached (EXCEEDED_LIMIT): raise the limit at developer.tesla.com, or ask less often".to_owned(),
            Wait::Exactly(wait::LONG),
        );
    }
    if lower.contains("scope") {
        return missing_scope(lower, text);
    }
    if lower.contains("mobile_access_disabled") {
        return unauthorized(answered.with, lower, text);
    }
    if lower.contains("developer.tesla.com") && answered.with == With::Owner {
        // Since 2026-06 for tokens that were made over HTTP/1.1, and by some reports for accounts
        // that own a developer application: the first is cured by renewing.
        return Verdict {
            remedy: Remedy::Renew,
            ..Verdict::new(
                Problem::Forbidden,
                "Tesla refuses this account at the Owner API even with a token renewed over HTTP/2 (\"forbidden, see https://developer.tesla.com\"): register a Fleet API application at developer.tesla.com and log in with it, or use a token gateway (TESLA_API_HOST and TOKEN)".to_owned(),
                Wait::Exactly(wait::HOUR),
            )
        };
    }
    if lower.contains("developer.tesla.com") && answered.with == With::Fixed {
        return Verdict::new(
            Problem::Forbidden,
            "Tesla refuses this token at the Owner API (\"forbidden, see https://developer.tesla.com\"): set TESLA_API_HOST to the gateway that TOKEN is for, or unset TOKEN and log in with `tesla-observer login`".to_owned(),
            Wait::Exactly(wait::HOUR),
        );
    }
    Verdict::new(
        Problem::Forbidden,
        format!(
            "Tesla refuses this access{}; check what the account may do with this vehicle",
            said(text)
        ),
        Wait::Exactly(wait::LONG),
    )
}

fn missing_scope(lower: &str, text: &str) -> Verdict {
    let named: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| lower.contains(scope))
        .collect();
    let scopes = match named.is_empty() {
        true => "vehicle_device_data or vehicle_location".to_owned(),
        false => named.join(", "),
    };
    let verdict = Verdict::new(
        Problem::MissingScope,
        format!(
            "the token lacks the scope {scopes}{}: allow it for the application at developer.tesla.com and in your Tesla account, then log in again with `tesla-observer login`",
            said(text)
        ),
        Wait::Stop,
    );
    match named.as_slice() {
        ["vehicle_location"] => Verdict {
            remedy: Remedy::WithoutLocation,
            ..verdict
        },
        _ => verdict,
    }
}

fn unavailable(lower: &str, text: &str) -> Verdict {
    let detail = if lower.contains("offline or asleep") {
        "the vehicle sleeps or is offline; it is not woken".to_owned()
    } else if lower.contains("timeout") || lower.contains("timedout") {
        "the vehicle did not answer Tesla in time; it is about to sleep or its connection is bad"
            .to_owned()
    } else {
        format!("the vehicle cannot be reached now{}", said(text))
    };
    Verdict::new(Problem::Unavailable, detail, Wait::AsUsual)
}

fn precondition(lower: &str, text: &str) -> Verdict {
    if lower.contains("only available on fleetapi") {
        return Verdict::new(
            Problem::Configuration,
            "this host no longer answers this question for an Owner API token: use the Fleet API (log in with a client id of developer.tesla.com)".to_owned(),
            Wait::Stop,
        );
    }
    Verdict::new(
        Problem::WrongRegion,
        format!(
            "the application is not registered in the account's region{}: register it there (POST /api/1/partner_accounts), or set the right TESLA_REGION (--region)",
            said(text)
        ),
        Wait::Stop,
    )
}

fn rate_limited(answered: &Answered<'_>, text: &str) -> Verdict {
    let asked =
        wait::retry_after(answered.headers, answered.now).or_else(|| wait::retry_in(answered.body));
    let (wait, until) = match asked {
        Some(time) => (
            Wait::Exactly(time),
            format!("asking again in {} s", time.as_secs()),
        ),
        None => (Wait::Backoff, "waiting longer each time".to_owned()),
    };
    let detail = format!(
        "too many requests{}: {until}; other apps of the account count too",
        said(text)
    );
    Verdict::new(Problem::RateLimited, detail, wait)
}

fn server(answered: &Answered<'_>, what: &str, text: &str) -> Verdict {
    let wait = match wait::retry_after(answered.headers, answered.now) {
        Some(time) => Wait::Exactly(time),
        None => Wait::Failing,
    };
    let detail = format!("{what} (status {}){}", answered.status, said(text));
    Verdict::new(Problem::Server, detail, wait)
}

fn server_words(status: u16) -> &'static str {
    match status {
        502..=504 => "Tesla's servers are overloaded or down",
        540 => "the vehicle gave Tesla an unexpected answer",
        _ => "Tesla's servers failed",
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
