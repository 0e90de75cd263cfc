//! How long to wait after an answer.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// After refusals that pass by themselves, and those that cost money to repeat.
pub(super) const LONG: Duration = Duration::from_secs(900);
/// After refusals that somebody has to lift.
pub(super) const HOUR: Duration = Duration::from_secs(3_600);
/// However long a service says. The longest seen is 45,363 s.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How long to wait after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the next turn.
    AsUsual,
    /// This long.
    Exactly(Duration),
    /// Some seconds, more after each failure in a row.
    Failing,
    /// A minute, doubled after each failure in a row.
    Backoff,
    /// Until the owner has done something.
    Stop,
}

/// 10, 15, 20, then 30 s.
pub(super) fn after_failures(before: u32) -> Duration {
    Duration::from_secs(match before {
        0 => 10,
        1 => 15,
        2 => 20,
        _ => 30,
    })
}

/// 1, 2, 4 … minutes, at most an hour.
pub(super) fn exponential(before: u32) -> Duration {
    Duration::from_secs(60 << before.min(6)).min(HOUR)
}

/// What `Retry-After` says, in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(wait) = whole_seconds(value) {
        return Some(wait);
    }
    let date: Timestamp = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let wait = SystemTime::from(date)
        .duration_since(now)
        .unwrap_or_default();
    Some(wait.clamp(Duration::from_secs(1), LONGEST))
}

/// What a body such as `Retry in 45363 seconds` says.
pub(super) fn retry_in(body: &str) -> Option<Duration> {
    let start: String = body.chars().take(500).collect();
    let start = start.to_ascii_lowercase();
    let (_, rest) = start.split_once("retry in ")?;
    let number: &str = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    whole_seconds(number)
}

/// How long a window of a rate limit still lasts in which nothing more may be asked: what
/// `RateLimit-Remaining: 0` and `RateLimit-Reset` say, also with a name in between, as in
/// `RateLimit-Data-Remaining`.
///
/// A reset is told in seconds, as the drafts of the IETF have it; a large number is taken for seconds
/// since 1970.
pub(super) fn used_up(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    const EPOCH: u64 = 1_000_000_000;
    let mut longest = None;
    for (name, value) in headers {
        let Some(rest) = name.as_str().strip_prefix("ratelimit-") else {
            continue;
        };
        let Some(which) = rest.strip_suffix("remaining") else {
            continue;
        };
        if !value.to_str().is_ok_and(|value| value.trim() == "0") {
            continue;
        }
        let reset = headers.get(format!("ratelimit-{which}reset"));
        let Some(reset) = reset.and_then(|reset| reset.to_str().ok()) else {
            continue;
        };
        let Ok(reset) = reset.trim().parse::<u64>() else {
            continue;
        };
        let wait = match reset {
            0..EPOCH => Duration::from_secs(reset),
            _ => SystemTime::UNIX_EPOCH
                .checked_add(Duration::from_secs(reset))
                .and_then(|reset| reset.duration_since(now).ok())
                .unwrap_or_default(),
        };
        longest = longest.max(Some(wait.clamp(Duration::from_secs(1), LONGEST)));
    }
    longest
}

fn whole_seconds(digits: &str) -> Option<Duration> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // More than u64 holds is more than the longest.
    let seconds = digits.parse().unwrap_or(u64::MAX);
    Some(Duration::from_secs(seconds).clamp(Duration::from_secs(1), LONGEST))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn after(value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(value).expect("a header"));
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&headers, now)
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        assert_eq!(after("45363"), Some(Duration::from_secs(45_363)));
        assert_eq!(
            after("Sun, 06 Nov 1994 08:51:37 GMT"),
            Some(Duration::from_secs(120))
        );
        assert_eq!(
            after("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::from_secs(1)),
            "in the past"
        );
        assert_eq!(after("0"), Some(Duration::from_secs(1)), "never at once");
        assert_eq!(after("99999999999999999999999"), Some(LONGEST));
        for nonsense in ["", "-5", "1.5", "soon"] {
            assert_eq!(after(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_old_body_says_seconds() {
        assert_eq!(
            retry_in("Retry in 45363 seconds\n"),
            Some(Duration::from_secs(45_363))
        );
        // Byte 500 is in the middle of a letter.
        let long = format!("Retry in 7 seconds{}", "é".repeat(400));
        assert_eq!(retry_in(&long), Some(Duration::from_secs(7)));
        assert_eq!(retry_in("Retry in a while"), None);
        assert_eq!(retry_in(""), None);
    }

    #[test]
    fn a_window_that_is_used_up_is_waited_for() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let used_up = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_str(value).expect("a value"));
            }
            super::used_up(&headers, now).map(|wait| wait.as_secs())
        };
        let usual = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
        let window = |remaining, reset| {
            used_up(&[(usual[0], "60"), (usual[1], remaining), (usual[2], reset)])
        };
        assert_eq!(window("1", "30"), None);
        assert_eq!(window("0", "30"), Some(30));
        assert_eq!(window("0", "0"), Some(1));
        assert_eq!(window("0", "1790000042"), Some(42));
        assert_eq!(window("0", "999999999"), Some(LONGEST.as_secs()));
        assert_eq!(window("0", "soon"), None);
        assert_eq!(used_up(&[(usual[1], "0")]), None);
        let named = [
            ("ratelimit-data-remaining", "0"),
            ("ratelimit-data-reset", "12"),
            ("ratelimit-wakes-remaining", "3"),
            ("ratelimit-wakes-reset", "50"),
        ];
        assert_eq!(used_up(&named), Some(12));
    }

    #[test]
    fn failures_in_a_row_wait_longer() {
        let waits: Vec<u64> = (0..5).map(|n| after_failures(n).as_secs()).collect();
        assert_eq!(waits, [10, 15, 20, 30, 30]);
        let waits: Vec<u64> = (0..8).map(|n| exponential(n).as_secs()).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(exponential(u32::MAX), HOUR);
    }
}
