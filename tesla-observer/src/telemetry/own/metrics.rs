//! What the observer counts of its own work, as structs.

use std::time::{Instant, SystemTime};

use metric_core::MetricCollector;

use crate::budget::{Limit, Money, Standing};

/// By `outcome`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Cycles {
    /// Cycles of observing a vehicle that have ended.
    #[metric(name = "cycles", counter, unit = "{cycle}")]
    pub(super) count: u64,
}

/// By `reason`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct UnreadFields {
    /// Fields of answers that could not be read.
    #[metric(name = "fields.unread", counter, unit = "{field}")]
    pub(super) count: u64,
}

/// Readings that were not used.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Outdated {
    /// Readings that were older than the one before and not used.
    #[metric(name = "readings.outdated", counter, unit = "{reading}")]
    pub(super) count: u64,
}

/// By `event`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Unseen {
    /// Drives, charges and updates that began unseen and were noticed afterwards.
    #[metric(name = "events.unseen", counter, unit = "{event}")]
    pub(super) count: u64,
}

/// By `availability`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Vehicles {
    /// Vehicles that are observed.
    #[metric(name = "vehicles", unit = "{vehicle}")]
    pub(super) count: u64,
}

/// The access token.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Token {
    /// Time since the access token was issued.
    #[metric(name = "token.age", unit = "s", with = age)]
    pub(super) issued: Option<SystemTime>,
    /// Time until the access token expires; negative when it has.
    #[metric(name = "token.expires_in", unit = "s", with = seconds_until)]
    pub(super) expires: Option<SystemTime>,
}

/// Never negative: where the clock has been put back since, the token is new.
fn age(issued: &Option<SystemTime>) -> Option<f64> {
    let age = SystemTime::now().duration_since((*issued)?);
    Some(age.unwrap_or_default().as_secs_f64())
}

fn seconds_until(time: &Option<SystemTime>) -> Option<f64> {
    Some(match SystemTime::now().duration_since((*time)?) {
        Ok(past) => -past.as_secs_f64(),
        Err(future) => future.duration().as_secs_f64(),
    })
}

/// By `class`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Asked {
    /// Requests to the vehicles' service.
    #[metric(name = "requests", counter, unit = "{request}")]
    pub(super) count: u64,
}

/// How the budget stands. Money is at list price.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer.budget")]
pub(super) struct Budget {
    /// Money spent this month (UTC), by the service's price list.
    #[metric(name = "money.spent", unit = "{USD}")]
    pub(super) money_spent: Option<f64>,
    /// The month's budget of money.
    #[metric(name = "money.limit", unit = "{USD}")]
    pub(super) money_limit: Option<f64>,
    /// What remains of the month's budget of money.
    #[metric(name = "money.remaining", unit = "{USD}")]
    pub(super) money_left: Option<f64>,
    /// Requests made today (UTC).
    #[metric(name = "requests.spent", unit = "{request}")]
    pub(super) requests_spent: Option<u64>,
    /// The day's budget of requests.
    #[metric(name = "requests.limit", unit = "{request}")]
    pub(super) requests_limit: Option<u64>,
    /// What remains of the day's budget of requests.
    #[metric(name = "requests.remaining", unit = "{request}")]
    pub(super) requests_left: Option<u64>,
    /// How many times slower than usual vehicles are asked so that the budget lasts.
    #[metric(name = "pace", unit = "1")]
    pub(super) pace: Option<f64>,
}

impl From<&Standing> for Budget {
    fn from(standing: &Standing) -> Self {
        let (money_limit, requests_limit) = match standing.limit {
            Some(Limit::Monthly(money)) => (Some(money.dollars()), None),
            Some(Limit::Daily(requests)) => (None, Some(requests)),
            None => (None, None),
        };
        Budget {
            money_spent: Some(standing.money.dollars()),
            money_limit,
            money_left: standing.money_left().map(Money::dollars),
            requests_spent: Some(standing.requests),
            requests_limit,
            requests_left: standing.requests_left(),
            pace: Some(standing.pace),
        }
    }
}

/// By `destination` and `signal`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Delivered {
    /// Requests that a destination has taken.
    #[metric(name = "exports", counter, unit = "{request}")]
    pub(super) count: u64,
}

/// By `destination`, `signal` and `error.type`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Failed {
    /// Attempts to send a request that failed, wholly or in part.
    #[metric(name = "export.failures", counter, unit = "{attempt}")]
    pub(super) count: u64,
}

/// By `destination`, `signal` and `reason`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Dropped {
    /// Requests that a destination will never get.
    #[metric(name = "export.dropped", counter, unit = "{request}")]
    pub(super) count: u64,
}

/// What waits, by `destination`, `signal` and `place`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Waiting {
    /// Requests that wait to be delivered.
    #[metric(name = "export.waiting", unit = "{request}")]
    pub(super) requests: u64,
    /// The size of the requests that wait to be delivered.
    #[metric(name = "export.waiting.size", unit = "By")]
    pub(super) bytes: u64,
    /// How long the oldest of the requests that wait has waited.
    #[metric(name = "export.waiting.age", unit = "s", with = age)]
    pub(super) since: Option<SystemTime>,
}

/// By `destination` and `signal`.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer")]
pub(super) struct Durable {
    /// Whether what waits is kept on disk: 1, or 0 if the spool cannot be used.
    #[metric(name = "export.durable")]
    pub(super) durable: bool,
}

/// The history on this machine.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "observer.history")]
pub(super) struct Kept {
    /// Whether the history is written: 1, or 0 if something is wrong with its file.
    #[metric]
    pub(super) kept: Option<bool>,
    /// Reports of vehicles that were written to the history.
    #[metric(counter, unit = "{report}")]
    pub(super) reports: Option<u64>,
    /// Reports of vehicles that could not be written to the history.
    #[metric(counter, unit = "{report}")]
    pub(super) lost: Option<u64>,
    /// The size of the history's file and of what belongs to it.
    #[metric(unit = "By")]
    pub(super) size: Option<u64>,
}

/// The process.
#[derive(Clone, Debug, MetricCollector)]
#[metric(prefix = "process")]
pub(super) struct Process {
    /// The time the process has been running.
    #[metric(name = "uptime", unit = "s", with = elapsed)]
    pub(super) started: Instant,
    /// The amount of physical memory in use.
    #[metric(name = "memory.usage", up_down_counter, unit = "By", with = resident)]
    pub(super) memory: (),
}

fn elapsed(started: &Instant) -> f64 {
    started.elapsed().as_secs_f64()
}

/// What Linux says; nothing elsewhere.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn resident((): &()) -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_is_put_back_makes_no_token_younger_than_new() {
        let hour = Duration::from_secs(3600);
        let now = SystemTime::now();
        assert_eq!(age(&Some(now + hour)), Some(0.0));
        assert!(age(&Some(now - hour)).is_some_and(|age| age >= 3600.0));
        assert!(seconds_until(&Some(now - hour)).is_some_and(|left| left <= -3600.0));
        assert!(seconds_until(&Some(now + hour)).is_some_and(|left| left > 3500.0));
        assert_eq!((age(&None), seconds_until(&None)), (None, None));
    }
}
