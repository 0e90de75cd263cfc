//! Fuses: so many failures within a time are one too many.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// So many failures within a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rating {
    times: usize,
    within: Duration,
}

/// Counts failures until there are too many within a time.
#[derive(Clone, Debug)]
pub(super) struct Fuse {
    rating: Rating,
    failures: VecDeque<Instant>,
    /// How many came when it had blown already.
    since_blown: u32,
}

impl Fuse {
    /// The vehicle is not the account's any more, rather than that the service errs.
    pub(super) const NOT_FOUND: Rating = Rating {
        times: 8,
        within: Duration::from_secs(20 * 60),
    };
    /// The service has a problem that does not pass at once.
    pub(super) const FAILING: Rating = Rating {
        times: 3,
        within: Duration::from_secs(10 * 60),
    };

    pub(super) fn new(rating: Rating) -> Self {
        Self {
            rating,
            failures: VecDeque::new(),
            since_blown: 0,
        }
    }

    /// One more failure: whether there are too many now, or have been since it last worked.
    pub(super) fn blows(&mut self, now: Instant) -> bool {
        let within = self.rating.within;
        self.failures
            .retain(|at| now.saturating_duration_since(*at) < within);
        self.failures.push_back(now);
        if self.since_blown == 0 && self.failures.len() < self.rating.times {
            return false;
        }
        self.since_blown = self.since_blown.saturating_add(1);
        true
    }

    /// How long to pause since it has blown: 1, 2, 4, at most 5 min. Longer would only miss more of
    /// what comes after.
    pub(super) fn pause(&self) -> Duration {
        let minutes = 1 << self.since_blown.saturating_sub(1).min(3);
        Duration::from_secs(60 * u64::min(minutes, 5))
    }

    /// It works again.
    pub(super) fn reset(&mut self) {
        self.failures.clear();
        self.since_blown = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_fuse_blows_at_so_many_failures_within_the_time_and_not_before() {
        let start = Instant::now();
        let minutes = |minutes: u64| start + Duration::from_secs(60 * minutes);
        let mut fuse = Fuse::new(Fuse::NOT_FOUND);
        let slowly: Vec<bool> = (0..30).map(|n| fuse.blows(minutes(3 * n))).collect();
        assert_eq!(
            slowly, [false; 30],
            "seven within 20 minutes are none too many"
        );
        fuse.reset();
        let quickly: Vec<bool> = (0..8).map(|n| fuse.blows(minutes(100 + n))).collect();
        assert_eq!(
            quickly,
            [false, false, false, false, false, false, false, true]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_five_minutes_and_are_short_again_after_a_success() {
        let mut now = Instant::now();
        let mut fuse = Fuse::new(Fuse::FAILING);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            if fuse.blows(now) {
                pauses.push(fuse.pause().as_secs());
                now += fuse.pause();
            }
        }
        assert_eq!(pauses, [60, 120, 240, 300, 300, 300]);
        fuse.reset();
        assert!(!fuse.blows(now));
    }
}
