//! How much would be spent if nothing was slowed down, and how much slower everything has to be.

use std::time::{Duration, Instant};

/// What would be spent per second, of the recent past: older spending counts less.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// After this time, spending counts for 1/e.
    memory: f64,
    per_second: f64,
    at: Option<Instant>,
}

/// No schedule can do much with more.
pub(super) const SLOWEST: f64 = 1_000.0;

impl Demand {
    pub(super) fn new(memory: Duration) -> Self {
        Self {
            memory: memory.as_secs_f64().max(1.0),
            per_second: 0.0,
            at: None,
        }
    }

    /// What is known from before: a process that starts anew does not start from nothing.
    pub(super) fn begin(&mut self, per_second: f64, now: Instant) {
        self.per_second = per_second.max(0.0);
        self.at = Some(now);
    }

    /// Something was spent, while everything was `pace` times slower than it would have been.
    pub(super) fn add(&mut self, spent: u64, pace: f64, now: Instant) {
        self.per_second = self.at(now) + spent as f64 * pace / self.memory;
        self.at = Some(now);
    }

    /// Something was not spent after all.
    pub(super) fn take_back(&mut self, spent: u64, pace: f64) {
        self.per_second = (self.per_second - spent as f64 * pace / self.memory).max(0.0);
    }

    fn at(&self, now: Instant) -> f64 {
        let passed = self
            .at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.per_second * (-passed / self.memory).exp()
    }

    /// How many times slower everything has to be so that what remains lasts as long as it has to:
    /// 1 or more.
    pub(super) fn pace(&self, remains: u64, lasts: Duration, now: Instant) -> f64 {
        let wanted = self.at(now) * lasts.as_secs_f64();
        if wanted <= 0.0 {
            return 1.0;
        }
        (wanted / remains as f64).clamp(1.0, SLOWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn who_spends_less_than_remains_is_not_slowed() {
        let start = Instant::now();
        let mut demand = Demand::new(HOUR);
        assert_eq!(demand.pace(0, HOUR, start), 1.0);
        for minute in 0..600 {
            demand.add(1, 1.0, start + HOUR / 60 * minute);
        }
        let now = start + 10 * HOUR;
        assert_eq!(demand.pace(70, HOUR, now), 1.0);
        let pace = demand.pace(30, HOUR, now);
        assert!((1.9..2.1).contains(&pace), "{pace}");
    }

    #[test]
    fn what_is_slowed_down_is_still_wanted() {
        let start = Instant::now();
        let mut demand = Demand::new(HOUR);
        // Every 4 minutes instead of every minute.
        for turn in 0..150 {
            demand.add(1, 4.0, start + HOUR / 15 * turn);
        }
        let pace = demand.pace(30, HOUR, start + 10 * HOUR);
        assert!((1.8..2.2).contains(&pace), "{pace}");
    }

    #[test]
    fn nothing_left_is_as_slow_as_can_be() {
        let start = Instant::now();
        let mut demand = Demand::new(HOUR);
        demand.add(1, 1.0, start);
        assert_eq!(demand.pace(0, HOUR, start), SLOWEST);
        demand.take_back(1, 1.0);
        assert_eq!(demand.pace(0, HOUR, start), 1.0);
    }
}
