//! What is said of a destination that fails: the first time of each kind, then rarely, and when it
//! works again.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::transport::{Failure, Rejected};

/// How often a failure that lasts is mentioned.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// The failures of one destination.
#[derive(Debug)]
pub(super) struct Mishaps {
    destination: String,
    signal: &'static str,
    endpoint: String,
    mentioned: HashMap<String, Instant>,
    since_success: u64,
}

impl Mishaps {
    pub(super) fn new(destination: &str, signal: &'static str, endpoint: String) -> Self {
        Mishaps {
            destination: destination.to_owned(),
            signal,
            endpoint,
            mentioned: HashMap::new(),
            since_success: 0,
        }
    }

    pub(super) fn destination(&self) -> &str {
        &self.destination
    }

    pub(super) fn signal(&self) -> &'static str {
        self.signal
    }

    /// A request failed.
    pub(super) fn failed(&mut self, failure: &Failure) {
        self.since_success += 1;
        if !self.is_due(&failure.kind) {
            return;
        }
        let next = if failure.retry {
            "they are kept and sent again"
        } else {
            "this request is lost"
        };
        warn!(
            destination = self.destination,
            signal = self.signal,
            error.r#type = &*failure.kind,
            failures = self.since_success,
            "sending {} to {} at {} failed ({}): {}; {next}",
            self.signal,
            self.destination,
            self.endpoint,
            failure.detail,
            failure.advice(),
        );
    }

    /// A request was taken, but not all that was in it.
    pub(super) fn rejected(&mut self, rejected: &Rejected, items: usize) {
        if !self.is_due("partial_success") {
            return;
        }
        warn!(
            destination = self.destination,
            signal = self.signal,
            error.r#type = "partial_success",
            "{} did not accept {} of {items} {}: {}",
            self.destination,
            rejected.items,
            match self.signal {
                "metrics" => "points",
                "traces" => "spans",
                _ => "log records",
            },
            rejected.reason,
        );
    }

    /// A request was taken as it was.
    pub(super) fn delivered(&mut self) {
        // Success says nothing, or each export of logs would make a log to export.
        if self.since_success > 0 {
            info!(
                destination = self.destination,
                signal = self.signal,
                "sending {} to {} works again, after {} failures",
                self.signal,
                self.destination,
                self.since_success,
            );
        }
        self.since_success = 0;
    }

    fn is_due(&mut self, kind: &str) -> bool {
        let now = Instant::now();
        match self.mentioned.get_mut(kind) {
            Some(last) if now.duration_since(*last) < EVERY => false,
            Some(last) => {
                *last = now;
                true
            }
            None => {
                self.mentioned.insert(kind.to_owned(), now);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_kind_of_failure_is_mentioned_once_and_then_rarely() {
        let mut mishaps = Mishaps::new("otlp", "metrics", String::new());
        assert!(mishaps.is_due("401"));
        assert!(!mishaps.is_due("401"));
        assert!(mishaps.is_due("connect"));
        tokio::time::advance(EVERY - Duration::from_secs(1)).await;
        assert!(!mishaps.is_due("401"));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(mishaps.is_due("401"));
        assert!(!mishaps.is_due("401"));
    }
}
