//! How much slower than usual a service is to be asked, and until when.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::VehicleFetcher;

/// How much slower than usual everything is to be, so that an account's budget lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// How many times as long as usual waits are; less than 1 counts as 1.
    pub times: f64,
    /// For how long that holds: then the budget begins anew, and nothing is to sleep past that.
    pub lasts: Duration,
}

/// Timers have their limits, and a pace may be anything.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Pace {
    /// As usual.
    pub const USUAL: Self = Self::always(1.0);

    /// So many times as slow, for as long as nothing else is said.
    pub const fn always(times: f64) -> Self {
        Self {
            times,
            lasts: Duration::MAX,
        }
    }

    /// What the fetcher wants; as usual if it panics.
    pub(crate) fn of<F: VehicleFetcher>(fetcher: &F) -> Self {
        catch_unwind(AssertUnwindSafe(|| fetcher.pace())).unwrap_or(Self::USUAL)
    }

    /// A wait that is so many times as long.
    pub fn stretched(self, wait: Duration) -> Duration {
        let times = match self.times.is_finite() {
            true => self.times.max(1.0),
            false => 1.0,
        };
        let stretched = Duration::try_from_secs_f64(wait.as_secs_f64() * times);
        stretched.unwrap_or(LONGEST).min(LONGEST)
    }

    /// The same, but not past the time when the budget begins anew; never shorter than usual.
    pub fn within(self, wait: Duration) -> Duration {
        self.stretched(wait).min(self.lasts).max(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn no_stretched_wait_reaches_into_the_time_when_the_budget_begins_anew_or_is_shorter_than_usual()
     {
        for (times, lasts, within) in [
            (1.0, 3, 10),
            (4.0, 1_000, 40),
            (4.0, 25, 25),
            (4.0, 3, 10),
            (0.5, 1_000, 10),
            (f64::NAN, 1_000, 10),
            (f64::INFINITY, 1_000, 10),
            (f64::MAX, 1_000, 1_000),
        ] {
            let lasts = lasts * SECOND;
            let pace = Pace { times, lasts };
            assert_eq!(pace.within(10 * SECOND), within * SECOND, "{pace:?}");
        }
        assert_eq!(Pace::always(f64::MAX).stretched(SECOND), LONGEST);
    }
}
