//! When to ask a vehicle again: pure, over instants that it is given.

use std::time::Duration;

use tokio::time::Instant;

use crate::fetch::Next;

/// When one vehicle is asked: every interval, counted from the first time, so that turns do not drift;
/// after an error when the error says so.
#[derive(Clone, Debug)]
pub struct Schedule {
    interval: Duration,
    turn: Instant,
}

impl Schedule {
    /// Turns every `interval`, the first at `first`.
    pub fn new(interval: Duration, first: Instant) -> Self {
        Self {
            interval: interval.max(Duration::from_millis(1)),
            turn: first,
        }
    }

    /// The first turn.
    pub fn first(&self) -> Instant {
        self.turn
    }

    /// The next turn after one that ended at `now`: the first that is still to come. Turns that were
    /// missed because a turn took long are left out; they would only come in a burst. An earlier
    /// question after an error moves none of them.
    pub fn next(&mut self, now: Instant, next: Next) -> Instant {
        if let Some(late) = now.checked_duration_since(self.turn) {
            let missed = late.as_nanos() / self.interval.as_nanos();
            let missed = u32::try_from(missed).unwrap_or(u32::MAX - 1);
            self.turn = self
                .interval
                .checked_mul(missed + 1)
                .and_then(|ahead| self.turn.checked_add(ahead))
                .or_else(|| now.checked_add(self.interval))
                .unwrap_or(now);
        }
        match next {
            Next::AsUsual | Next::Stop => self.turn,
            Next::After(wait) => now.checked_add(wait).unwrap_or(self.turn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn turns_do_not_drift_with_the_time_that_they_take() {
        let first = Instant::now();
        let mut schedule = Schedule::new(10 * SECOND, first);
        assert_eq!(schedule.first(), first);
        let next = schedule.next(first + 3 * SECOND, Next::AsUsual);
        assert_eq!(next, first + 10 * SECOND);
        let next = schedule.next(first + 11 * SECOND, Next::AsUsual);
        assert_eq!(next, first + 20 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn missed_turns_do_not_come_in_a_burst() {
        let first = Instant::now();
        let mut schedule = Schedule::new(10 * SECOND, first);
        let next = schedule.next(first + 57 * SECOND, Next::AsUsual);
        assert_eq!(next, first + 60 * SECOND);
        let next = schedule.next(first + 60 * SECOND, Next::AsUsual);
        assert_eq!(next, first + 70 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_says_when_to_ask_again() {
        let first = Instant::now();
        let mut schedule = Schedule::new(10 * SECOND, first);
        let now = first + SECOND;
        assert_eq!(
            schedule.next(now, Next::After(3600 * SECOND)),
            now + 3600 * SECOND
        );
        // Back to the turns afterwards.
        let now = now + 3600 * SECOND;
        assert_eq!(schedule.next(now, Next::AsUsual), first + 3610 * SECOND);
        assert_eq!(
            schedule.next(now, Next::After(Duration::MAX)),
            schedule.turn
        );
    }

    #[tokio::test(start_paused = true)]
    async fn asking_again_soon_after_errors_moves_no_later_turn() {
        let first = Instant::now();
        let mut schedule = Schedule::new(300 * SECOND, first);
        let mut now = first;
        for _ in 0..20 {
            now = schedule.next(now, Next::After(10 * SECOND));
        }
        assert_eq!(now, first + 200 * SECOND);
        assert_eq!(schedule.next(now, Next::AsUsual), first + 300 * SECOND);
        let now = first + 300 * SECOND;
        assert_eq!(schedule.next(now, Next::AsUsual), first + 600 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn no_interval_is_too_long() {
        let mut schedule = Schedule::new(Duration::MAX, Instant::now());
        let now = Instant::now() + SECOND;
        assert!(schedule.next(now, Next::AsUsual) >= now);
    }
}
