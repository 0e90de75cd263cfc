//! The simulated time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The end of the year 9999: here every clock stops, so that no sum overflows.
pub(super) const LAST_MS: i64 = 253_402_300_799_000;

/// The simulated time: runs at a speed, and jumps forward when told. It never goes back.
///
/// Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    start_ms: i64,
    speed: f64,
    jumped_ms: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `start` now. A speed of 0 stands still and only moves by
    /// [`advance`](Self::advance); a negative one, or one that is no number, counts as 0.
    pub fn new(start: SystemTime, speed: f64) -> Self {
        Self {
            started: Instant::now(),
            start_ms: unix_ms(start),
            speed: if speed.is_finite() {
                speed.max(0.0)
            } else {
                0.0
            },
            jumped_ms: Arc::new(AtomicI64::new(0)),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        let run = self.started.elapsed().as_secs_f64() * self.speed * 1000.0;
        self.start_ms
            .saturating_add(run as i64)
            .saturating_add(self.jumped_ms.load(Ordering::Relaxed))
            .clamp(0, LAST_MS)
    }

    /// The simulated time.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.now_ms()).unwrap_or(0))
    }

    /// Simulated seconds per second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Jumps forward, by at most a century at once.
    pub fn advance(&self, by: Duration) {
        const CENTURY_MS: u128 = 100 * 366 * 86_400_000;
        let ms = by.as_millis().min(CENTURY_MS);
        self.jumped_ms
            .fetch_add(i64::try_from(ms).unwrap_or(0), Ordering::Relaxed);
    }

    /// This much simulated time; more where the clock runs so fast that it would take less than `real`
    /// time and less than it would at the usual speed.
    pub(super) fn at_least(&self, simulated: Duration, real: Duration) -> Duration {
        let least = real.min(simulated).as_secs_f64() * self.speed;
        // Only what no clock can hold cannot be converted.
        simulated.max(Duration::try_from_secs_f64(least).unwrap_or(simulated))
    }

    /// How many whole real seconds this much simulated time takes: at least 1, and as many as
    /// simulated ones where the clock stands still.
    pub(super) fn real_seconds(&self, simulated: Duration) -> u64 {
        if self.speed == 0.0 {
            return simulated.as_secs();
        }
        ((simulated.as_secs_f64() / self.speed) as u64).max(1)
    }
}

pub(super) fn unix_ms(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_at_speed_0_moves_only_when_told() {
        let clock = Clock::new(UNIX_EPOCH + Duration::from_secs(1_000), 0.0);
        assert_eq!(clock.now_ms(), 1_000_000);
        clock.clone().advance(Duration::from_secs(5));
        assert_eq!(clock.now_ms(), 1_005_000);
        assert_eq!(clock.now(), UNIX_EPOCH + Duration::from_secs(1_005));
    }

    #[test]
    fn a_fast_clock_leaves_things_their_least_time() {
        let (hour, least) = (Duration::from_secs(3_600), Duration::from_secs(120));
        for (speed, life, expected) in [
            (0.0, hour, hour),
            (1.0, hour, hour),
            (30.0, hour, hour),
            (300.0, hour, 10 * hour),
            (1.0, Duration::from_secs(5), Duration::from_secs(5)),
            (10.0, Duration::from_secs(5), Duration::from_secs(50)),
            (f64::MAX, hour, hour),
        ] {
            let clock = Clock::new(UNIX_EPOCH, speed);
            assert_eq!(clock.at_least(life, least), expected, "{speed} {life:?}");
        }
    }

    #[test]
    fn expiry_in_real_seconds_follows_the_speed() {
        let eight_hours = Duration::from_secs(28_800);
        assert_eq!(
            Clock::new(UNIX_EPOCH, 1.0).real_seconds(eight_hours),
            28_800
        );
        assert_eq!(Clock::new(UNIX_EPOCH, 60.0).real_seconds(eight_hours), 480);
        assert_eq!(Clock::new(UNIX_EPOCH, 1e9).real_seconds(eight_hours), 1);
        assert_eq!(
            Clock::new(UNIX_EPOCH, 0.0).real_seconds(eight_hours),
            28_800
        );
    }

    #[test]
    fn no_start_speed_or_jump_breaks_the_clock() {
        for speed in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
            let clock = Clock::new(UNIX_EPOCH, speed);
            clock.advance(Duration::MAX);
            assert!((0..=LAST_MS).contains(&clock.now_ms()));
        }
    }
}
