//! One signal over time, and the questions that drives and charges ask of it.

use super::error::ReadError;
use super::read::{Held, Query, Reader};

/// From when until when, in milliseconds since the Unix epoch.
pub(super) type Interval = (i64, i64);

/// One signal over time: what held when, sorted, without overlaps.
#[derive(Clone, Debug, Default)]
pub(super) struct Signal(pub(super) Vec<Held>);

impl Signal {
    /// A metric without attributes.
    pub(super) fn read(reader: &Reader, query: Query<'_>) -> Result<Self, ReadError> {
        let series = reader.series(query)?;
        let mut values: Vec<Held> = series.into_iter().flat_map(|own| own.values).collect();
        values.sort_by_key(|held| held.from_ms);
        Ok(Self(values))
    }

    /// When a state set was in one of these states.
    pub(super) fn states(
        reader: &Reader,
        query: Query<'_>,
        states: &[&str],
    ) -> Result<Vec<Interval>, ReadError> {
        let is_one_of = |own: &super::Series| {
            let state = own.attributes.iter().find(|(key, _)| key == "state");
            state.is_some_and(|(_, state)| states.contains(&state.as_str()))
        };
        let series = reader.series(query)?.into_iter();
        let mut intervals: Vec<Interval> = series
            .filter(is_one_of)
            .flat_map(|own| own.values)
            .filter(|held| held.value == 1.0)
            .map(|held| (held.from_ms, held.until_ms))
            .collect();
        intervals.sort_unstable();
        Ok(intervals)
    }

    /// What it was at a time, or last before.
    pub(super) fn at(&self, time: i64) -> Option<f64> {
        let after = self.0.partition_point(|held| held.from_ms <= time);
        let held = self.0.get(after.checked_sub(1)?)?;
        Some(held.value)
    }

    /// The same, or what it was first after.
    pub(super) fn near(&self, time: i64, end: i64) -> Option<f64> {
        self.at(time).or_else(|| {
            let first = self.0.first()?;
            (first.from_ms <= end).then_some(first.value)
        })
    }

    /// What held in an interval, cut to it.
    pub(super) fn within(&self, (from, until): Interval) -> impl Iterator<Item = Held> + '_ {
        let first = self.0.partition_point(|held| held.until_ms < from);
        self.0
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(move |held| held.from_ms <= until)
            .map(move |held| Held {
                from_ms: held.from_ms.max(from),
                until_ms: held.until_ms.min(until),
                value: held.value,
            })
    }

    /// The highest in an interval.
    pub(super) fn highest(&self, interval: Interval) -> Option<f64> {
        let values = self.within(interval).map(|held| held.value);
        values.reduce(f64::max)
    }

    /// The mean over the time that is known.
    pub(super) fn mean(&self, interval: Interval) -> Option<f64> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for held in self.within(interval) {
            let own = ((held.until_ms - held.from_ms) as f64).max(1.0);
            sum += held.value * own;
            weight += own;
        }
        (weight > 0.0).then_some(sum / weight)
    }

    /// By how much a counter grew that begins again from 0 now and then.
    pub(super) fn growth(&self, interval: Interval) -> Option<f64> {
        let mut before = self.at(interval.0 - 1);
        let mut grown = None;
        for held in self.within(interval) {
            let step = match before {
                Some(before) if held.value >= before => held.value - before,
                // It began again, or nothing is known from before.
                Some(_) => held.value,
                None => 0.0,
            };
            grown = Some(grown.unwrap_or(0.0) + step);
            before = Some(held.value);
        }
        grown
    }

    /// The sum over time, in units of the value times hours of the car's clock.
    pub(super) fn times_hours(&self, interval: Interval, clock: &Clock) -> Option<f64> {
        let mut sum = None;
        for held in self.within(interval) {
            let hours = clock.seconds(held.from_ms, held.until_ms) / 3600.0;
            sum = Some(sum.unwrap_or(0.0) + held.value * hours);
        }
        sum
    }
}

/// The car's own clock: what it said when, by which durations are measured. A simulated car's may run
/// faster than that of the observer.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// When it was read, and how long it had run since the first time, in milliseconds.
    readings: Vec<(i64, f64)>,
}

impl Clock {
    /// From a signal of milliseconds.
    pub(super) fn new(signal: &Signal) -> Self {
        let mut readings = Vec::with_capacity(signal.0.len());
        let mut run = 0.0;
        let mut last: Option<&Held> = None;
        for held in &signal.0 {
            if let Some(last) = last {
                run += match held.value - last.value {
                    passed if passed >= 0.0 => passed,
                    // It was put back: of what passed meanwhile it says nothing.
                    _ => (held.from_ms - last.from_ms) as f64,
                };
            }
            readings.push((held.from_ms, run));
            last = Some(held);
        }
        Self { readings }
    }

    /// How long it had run at a time: between two readings in proportion; before the first and after
    /// the last as fast as the observer's.
    fn at(&self, time: i64) -> f64 {
        let after = self
            .readings
            .partition_point(|(observed, _)| *observed <= time);
        let before = after
            .checked_sub(1)
            .and_then(|index| self.readings.get(index));
        match (before, self.readings.get(after)) {
            (Some((from, run)), Some((until, next))) => {
                let share = (time - from) as f64 / (until - from) as f64;
                run + (next - run) * share
            }
            (Some((from, run)), None) => run + (time - from) as f64,
            (None, Some((until, next))) => next - (until - time) as f64,
            (None, None) => time as f64,
        }
    }

    /// How many seconds it ran between two times.
    pub(super) fn seconds(&self, from: i64, until: i64) -> f64 {
        ((self.at(until) - self.at(from)) / 1000.0).max(0.0)
    }
}

/// Puts intervals together between which `goes_on` says that it went on.
pub(super) fn joined(
    intervals: &[Interval],
    mut goes_on: impl FnMut(i64, i64) -> bool,
) -> Vec<Interval> {
    let mut joined: Vec<Interval> = Vec::new();
    for (from, until) in intervals {
        match joined.last_mut() {
            Some(last) if *from <= last.1 || goes_on(last.1, *from) => last.1 = last.1.max(*until),
            _ => joined.push((*from, *until)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signal(values: &[(i64, i64, f64)]) -> Signal {
        let held = |(from_ms, until_ms, value): &(i64, i64, f64)| Held {
            from_ms: *from_ms,
            until_ms: *until_ms,
            value: *value,
        };
        Signal(values.iter().map(held).collect())
    }

    #[test]
    fn a_counter_that_begins_again_has_grown_by_all_its_steps() {
        let added = signal(&[(0, 10, 30.0), (10, 20, 0.0), (20, 30, 2.5), (30, 90, 7.0)]);
        assert_eq!(added.growth((10, 40)), Some(7.0));
        assert_eq!(added.growth((20, 40)), Some(7.0));
        assert_eq!(added.growth((30, 40)), Some(4.5));
        assert_eq!(added.growth((200, 300)), None);
        assert_eq!(signal(&[(5, 9, 3.0)]).growth((0, 10)), Some(0.0));
    }

    #[test]
    fn the_cars_clock_may_run_faster() {
        let clock = Clock::new(&signal(&[
            (1_000, 2_000, 60_000.0),
            (2_000, 3_000, 120_000.0),
        ]));
        assert_eq!(clock.seconds(1_000, 1_500), 30.0);
        assert_eq!(clock.seconds(0, 1_000), 1.0);
        assert_eq!(clock.seconds(2_000, 2_500), 0.5);
        let power = signal(&[(1_000, 2_000, 120.0)]);
        assert_eq!(power.times_hours((1_000, 2_000), &clock), Some(2.0));
        // One that is not told is as the observer's, and what one says that was put back is not time.
        assert_eq!(Clock::default().seconds(1_000, 2_000), 1.0);
        let values = [(0, 1, 10_000.0), (10, 11, 5_000.0), (20, 21, 6_000.0)];
        let back = Clock::new(&signal(&values));
        assert_eq!((back.seconds(0, 10), back.seconds(10, 20)), (0.01, 1.0));
    }

    #[test]
    fn a_value_is_the_last_that_was_known() {
        let odometer = signal(&[(10, 20, 1.0), (30, 40, 2.0)]);
        let found = [9, 10, 25, 30, 99].map(|time| odometer.at(time));
        assert_eq!(found, [None, Some(1.0), Some(1.0), Some(2.0), Some(2.0)]);
        assert_eq!(odometer.near(5, 15), Some(1.0));
        assert_eq!(odometer.near(5, 8), None);
        assert_eq!(odometer.highest((15, 35)), Some(2.0));
        assert_eq!(odometer.mean((10, 40)), Some(1.5));
        assert_eq!(odometer.mean((21, 29)), None);
    }

    proptest! {
        #[test]
        fn joined_intervals_are_apart_and_cover_the_same(
            mut intervals in prop::collection::vec((0_i64..10_000, 0_i64..500), 0..50),
            allowed in 0_i64..200,
        ) {
            intervals.sort_unstable();
            let intervals: Vec<Interval> =
                intervals.into_iter().map(|(from, length)| (from, from + length)).collect();
            let joined = joined(&intervals, |until, from| from - until <= allowed);
            for pair in joined.windows(2) {
                prop_assert!(pair[1].0 - pair[0].1 > allowed);
            }
            for (from, until) in intervals {
                prop_assert!(joined.iter().any(|own| own.0 <= from && until <= own.1));
            }
        }
    }
}
