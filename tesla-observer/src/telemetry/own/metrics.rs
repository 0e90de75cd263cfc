//! What the observer counts of its own work, as structs.

use std::time::{Instant, SystemTime};

use metric_core::MetricCollector;

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
