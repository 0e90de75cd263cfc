//! How often a vehicle is asked in which state, and how long it is left alone.

use std::time::Duration;

use tokio::time::Instant;

use super::state::State;
use crate::fetch::Pace;

/// How often a vehicle is asked in which state, and how long it is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// If there is one, how often it is asked in every state; it is left alone to fall asleep as ever.
    pub interval: Option<Duration>,
    /// While it sleeps or is offline, and while it is left alone: only its state.
    pub asleep: Duration,
    /// While it is online and does nothing, and while software is installed.
    pub idle: Duration,
    /// While it is driven.
    pub driving: Duration,
    /// While it charges, at least: the interval is 5 to 20 s, shorter with more power.
    pub charging: Duration,
    /// While a workshop has it.
    pub in_service: Duration,
    /// No two turns are nearer than this.
    pub minimum: Duration,
    /// How long it may do nothing until it is left alone.
    pub suspend_after: Duration,
    /// The same, if it has come online by itself and nothing has been done with it since.
    pub suspend_after_waking: Duration,
    /// How long it is left alone until it is asked for data once more. A vehicle needs about 15 min.
    pub suspend_for: Duration,
    /// How long one that often comes online for nothing must stay online until it is asked for data.
    pub doubt_for: Duration,
    /// How long a drive goes on without a connection.
    pub drive_timeout: Duration,
    /// From when on a sleep is a long one, in which the state is asked for less often.
    pub long_sleep: Duration,
    /// A rise of the range within less than this is no charge.
    pub shortest_charge: Duration,
    /// A drive that is seen within this is seen from its beginning.
    pub first_minute: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Default for Settings {
    /// Those of TeslaMate's state machine, where it has the thing, from reading it in 2026.
    fn default() -> Self {
        Self {
            interval: None,
            asleep: Duration::from_secs(30),
            idle: Duration::from_secs(15),
            driving: Duration::from_millis(2_500),
            charging: Duration::from_secs(5),
            in_service: 15 * MINUTE,
            minimum: Duration::ZERO,
            suspend_after: 15 * MINUTE,
            suspend_after_waking: 3 * MINUTE,
            suspend_for: 21 * MINUTE,
            // Some models look online for 2 to 3 min each hour.
            doubt_for: Duration::from_secs(210),
            drive_timeout: 15 * MINUTE,
            long_sleep: 60 * MINUTE,
            shortest_charge: 5 * MINUTE,
            first_minute: MINUTE,
        }
    }
}

/// Timers have their limits, and a pace may be anything.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);
const SHORTEST: Duration = Duration::from_millis(1);

impl Settings {
    /// For vehicles whose clock runs so many times as fast: what they need time for goes faster, not
    /// how often they are asked.
    #[must_use]
    pub fn faster(self, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 {
            speed
        } else {
            1.0
        };
        let scaled = |duration: Duration| {
            Duration::try_from_secs_f64(duration.as_secs_f64() / speed)
                .unwrap_or(LONGEST)
                .min(LONGEST)
        };
        Self {
            in_service: scaled(self.in_service),
            suspend_after: scaled(self.suspend_after),
            suspend_after_waking: scaled(self.suspend_after_waking),
            suspend_for: scaled(self.suspend_for),
            doubt_for: scaled(self.doubt_for),
            drive_timeout: scaled(self.drive_timeout),
            long_sleep: scaled(self.long_sleep),
            shortest_charge: scaled(self.shortest_charge),
            first_minute: scaled(self.first_minute),
            ..self
        }
    }

    /// How often a vehicle is asked of which nothing is known yet: the time in which the first turns
    /// of many are spread.
    pub fn first(&self) -> Duration {
        self.interval.unwrap_or(self.asleep).max(self.minimum)
    }

    /// The time between two turns.
    pub(super) fn interval(&self, state: &State, now: Instant, pace: Pace) -> Duration {
        let usual = match state {
            State::InService => self.in_service.max(self.interval.unwrap_or_default()),
            state => self.interval.unwrap_or_else(|| self.adaptive(state, now)),
        };
        pace.stretched(usual)
            .max(self.minimum)
            .clamp(SHORTEST, LONGEST)
    }

    fn adaptive(&self, state: &State, now: Instant) -> Duration {
        match state {
            // At most 50 s by default: the first minute of a drive is not missed.
            State::Asleep { since } | State::Offline { since }
                if now.saturating_duration_since(*since) >= self.long_sleep =>
            {
                self.asleep.saturating_mul(5) / 3
            }
            State::Start | State::Asleep { .. } | State::Offline { .. } => self.asleep,
            State::Suspended { .. } | State::Removed => self.asleep,
            State::Idle { .. } | State::Updating => self.idle,
            State::Driving { lost: None } => self.driving,
            // A tunnel, or the end of all reception.
            State::Driving {
                lost: Some((_, times)),
            } if *times < 15 => self.driving.saturating_mul(2),
            State::Driving { .. } => self.asleep.max(self.driving),
            State::Charging { kw, .. } => charging(*kw).max(self.charging),
            State::InService => self.in_service,
        }
    }
}

/// A fast charge changes from one moment to the next, one at home hardly within an hour.
fn charging(kw: Option<f64>) -> Duration {
    let seconds = match kw {
        Some(kw) if kw > 0.0 => (250.0 / kw).round(),
        _ => 20.0,
    };
    Duration::from_secs_f64(seconds.clamp(5.0, 20.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faster_it_charges_the_more_often_it_is_asked() {
        for (kw, seconds) in [
            (None, 20),
            (Some(0.0), 20),
            (Some(-3.0), 20),
            (Some(f64::NAN), 20),
            (Some(2.0), 20),
            (Some(11.0), 20),
            (Some(22.0), 11),
            (Some(35.0), 7),
            (Some(50.0), 5),
            (Some(250.0), 5),
        ] {
            assert_eq!(charging(kw), Duration::from_secs(seconds), "{kw:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_pace_makes_turns_more_frequent_or_breaks_a_timer() {
        let settings = Settings::default();
        let now = Instant::now();
        let interval = |pace| settings.interval(&State::Updating, now, Pace::always(pace));
        for pace in [-1.0, 0.0, 0.5, 1.0, f64::NAN] {
            assert_eq!(interval(pace), settings.idle, "{pace}");
        }
        assert_eq!(interval(4.0), 4 * settings.idle);
        assert_eq!(interval(f64::MAX), LONGEST);
    }

    #[test]
    fn a_faster_clock_shortens_what_the_vehicle_needs_and_not_the_intervals() {
        let faster = Settings::default().faster(60.0);
        assert_eq!(faster.suspend_after, Duration::from_secs(15));
        assert_eq!(faster.suspend_for, Duration::from_secs(21));
        assert_eq!(faster.drive_timeout, Duration::from_secs(15));
        assert_eq!(faster.idle, Settings::default().idle);
        for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Settings::default().faster(odd), Settings::default());
        }
        assert_eq!(Settings::default().faster(1e-300).suspend_for, LONGEST);
    }
}
