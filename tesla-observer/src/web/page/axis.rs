//! The axes of a chart: from where to where, and what is written on them.

use std::ops::Range;

use jiff::Timestamp;
use plotters::coord::combinators::{BindKeyPoints as _, WithKeyPoints};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordi64;

/// With some room, so that no line lies on the frame; a flat one is in the middle.
pub(super) fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let room = match high - low {
        0.0 => low.abs().max(1.0) * 0.1,
        height => height * 0.06,
    };
    (low - room, high + room)
}

/// The values from the lowest to the highest, with round numbers in between.
pub(super) fn of_values((low, high): (f64, f64)) -> Values {
    Values {
        range: low..high,
        round: round_between(low, high),
    }
}

/// An axis of values. It is not plotters' own, which comes to no end between some values and
/// overflows with others.
pub(super) struct Values {
    range: Range<f64>,
    round: Vec<f64>,
}

impl Ranged for Values {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        // What is far outside is not drawn, but must be somewhere.
        let share = if share.is_nan() {
            0.0
        } else {
            share.clamp(-1.0, 2.0)
        };
        limit.0 + (f64::from(limit.1 - limit.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            // There are no lines between those of the numbers.
            true => Vec::new(),
            false => self.round.clone(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// About five round numbers.
pub(super) fn round_between(low: f64, high: f64) -> Vec<f64> {
    let least = (high - low) / 7.0;
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0].map(|digit| digit * power);
    let mut steps = step.into_iter().filter(|step| *step >= least);
    let step = steps.next().unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    let mut all: Vec<f64> = (0..8)
        .map(|index| (first + f64::from(index)) * step)
        .filter(|value| (low..=high).contains(value))
        .collect();
    all.dedup();
    all
}

/// The times from left to right, with full hours, days or months in between.
pub(super) fn of_times(from: i64, to: i64) -> WithKeyPoints<RangedCoordi64> {
    (from..to).with_key_points(key_times(from, to))
}

/// Full hours, days or months, in UTC: about six.
fn key_times(from: i64, to: i64) -> Vec<i64> {
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 1_440 * MINUTE;
    const STEPS: [i64; 16] = [
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        60 * MINUTE,
        120 * MINUTE,
        180 * MINUTE,
        360 * MINUTE,
        720 * MINUTE,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
        91 * DAY,
        365 * DAY,
    ];
    let least = (to - from) / 7;
    let step = STEPS
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(least);
    let first = from.div_euclid(step).saturating_add(1).saturating_mul(step);
    std::iter::successors(Some(first), |time| time.checked_add(step))
        .take_while(|time| *time < to)
        .take(20)
        .collect()
}

pub(super) fn written(ms: i64, length: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or_default();
    let format = match length {
        ..172_800_000 => "%H:%M",
        172_800_000..31_536_000_000 => "%-d %b",
        _ => "%b %Y",
    };
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_about_five_round_numbers() {
        for (low, high, round) in [
            (0.0, 100.0, vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
            (41.3, 43.9, vec![41.5, 42.0, 42.5, 43.0, 43.5]),
            (
                -0.069,
                0.069,
                vec![-0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06],
            ),
        ] {
            let found = round_between(low, high);
            assert_eq!(found.len(), round.len(), "{found:?}");
            let mut pairs = found.iter().zip(&round);
            assert!(
                pairs.all(|(one, other)| (one - other).abs() < 1e-9),
                "{found:?}"
            );
        }
    }
}
