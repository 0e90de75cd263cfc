//! Periods: calendar months and days, in UTC, as they are billed.

use std::fmt;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A calendar month.
    Month,
    /// A day.
    Day,
}

/// A calendar month or a day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    unit: Unit,
    first: Date,
}

/// A clock that is behind the last period by no more than this is taken to have been put back for a
/// while: the period stays. One that is further behind was wrong before.
const SLIGHTLY: Duration = Duration::from_secs(26 * 3600);

impl Period {
    /// The period of this time.
    pub fn of(unit: Unit, time: SystemTime) -> Self {
        // Only times that no clock has cannot be had.
        let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = time.to_zoned(TimeZone::UTC).date();
        Self::containing(unit, date)
    }

    fn containing(unit: Unit, date: Date) -> Self {
        let first = match unit {
            Unit::Month => date.first_of_month(),
            Unit::Day => date,
        };
        Self { unit, first }
    }

    /// The period that this text names: `2026-11`, `2026-11-20`.
    pub(super) fn parse(unit: Unit, text: &str) -> Option<Self> {
        let date: Date = match unit {
            Unit::Month => format!("{text}-01").parse().ok()?,
            Unit::Day => text.parse().ok()?,
        };
        let period = Self::containing(unit, date);
        (period.to_string() == text).then_some(period)
    }

    /// When it begins.
    pub fn begins(self) -> SystemTime {
        start_of(self.first)
    }

    /// When it ends and the next one begins.
    pub fn ends(self) -> SystemTime {
        let next = match self.unit {
            Unit::Month => self.first.last_of_month().tomorrow(),
            Unit::Day => self.first.tomorrow(),
        };
        start_of(next.unwrap_or(self.first))
    }

    /// The period to count in after this one, when the clock says `now`.
    ///
    /// A clock that goes back for some hours does not bring an earlier period back: what has been
    /// spent since would be forgotten. One that was wrong by more does.
    pub(super) fn then(self, now: SystemTime) -> Self {
        let told = Self::of(self.unit, now);
        let behind = self.begins().duration_since(now).unwrap_or_default();
        match told.first >= self.first || behind > SLIGHTLY {
            true => told,
            false => self,
        }
    }

    /// Whether it is earlier than another.
    pub(super) fn is_before(self, other: Self) -> bool {
        self.first < other.first
    }
}

fn start_of(date: Date) -> SystemTime {
    let midnight = date.to_zoned(TimeZone::UTC);
    midnight.map_or(SystemTime::UNIX_EPOCH, |midnight| {
        SystemTime::from(midnight.timestamp())
    })
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            Unit::Month => write!(f, "{}", self.first.strftime("%Y-%m")),
            Unit::Day => write!(f, "{}", self.first.strftime("%Y-%m-%d")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        SystemTime::from(text.parse::<Timestamp>().expect("a time"))
    }

    #[test]
    fn months_and_days_begin_and_end_at_midnight_utc() {
        let leap = Period::of(Unit::Month, at("2028-02-29T23:59:59Z"));
        assert_eq!(leap.to_string(), "2028-02");
        assert_eq!(leap.begins(), at("2028-02-01T00:00:00Z"));
        assert_eq!(leap.ends(), at("2028-03-01T00:00:00Z"));
        let last = Period::of(Unit::Day, at("2026-12-31T23:59:59.999Z"));
        assert_eq!(last.to_string(), "2026-12-31");
        assert_eq!(last.ends(), at("2027-01-01T00:00:00Z"));
        for period in [leap, last] {
            assert_eq!(
                Period::parse(period.unit, &period.to_string()),
                Some(period)
            );
            assert_eq!(
                Period::of(period.unit, period.ends()).begins(),
                period.ends()
            );
        }
        for text in ["", "2026", "2026-13", "2026-11-31", "x", "2026-1"] {
            assert_eq!(Period::parse(Unit::Month, text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_for_hours_brings_no_period_back() {
        let may = Period::of(Unit::Month, at("2026-05-01T02:00:00Z"));
        assert_eq!(may.then(at("2026-04-30T20:00:00Z")), may);
        assert_eq!(may.then(at("2026-05-20T00:00:00Z")), may);
        assert_eq!(may.then(at("2026-06-01T00:00:00Z")).to_string(), "2026-06");
        assert_eq!(
            may.then(at("2026-04-10T00:00:00Z")).to_string(),
            "2026-04",
            "it was wrong"
        );
    }
}
