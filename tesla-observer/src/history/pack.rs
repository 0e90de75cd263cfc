//! Many points of a series in one text, a fraction of what rows would take.
//!
//! The text is a JSON array, so that SQL can read it, too ([`super::views`]): the time since the point
//! before, in milliseconds, and the value, in turns; `null` is the end of the series. Values are whole
//! numbers, each as its difference to the value before, of the value times `scale`: 71.25 then 71.5 are,
//! with scale 100, 7125 and 25. Values that no power of ten makes whole are written as they are, without
//! a scale.

use std::fmt::Write as _;

/// A value from a time on; `None` is the end of the series.
pub(super) type Point = (i64, Option<f64>);

/// Points as they are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Packed {
    /// The first point's time.
    pub(super) since: i64,
    /// The last one's.
    pub(super) until: i64,
    /// What values are divided by; `None` if they are written as they are.
    pub(super) scale: Option<f64>,
    /// The array.
    pub(super) text: String,
}

/// The largest power of ten that is tried.
const DECIMALS: u32 = 9;

/// Larger whole numbers are not exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Packs points, which must be sorted by time; `None` if there are none.
pub(super) fn pack(points: &[Point]) -> Option<Packed> {
    let (since, _) = *points.first()?;
    let (until, _) = *points.last()?;
    let scale = scale_of(points);
    let mut text = String::with_capacity(points.len() * 9);
    text.push('[');
    let mut before = (since, 0);
    for (time, value) in points {
        if text.len() > 1 {
            text.push(',');
        }
        let since_before = time.saturating_sub(before.0);
        before.0 = *time;
        // Writing to a string cannot fail.
        let _ = match (value, scale) {
            (None, _) => write!(text, "{since_before},null"),
            (Some(value), None) => write!(text, "{since_before},{value}"),
            (Some(value), Some(scale)) => {
                let whole = (value * scale).round() as i64;
                let difference = whole - before.1;
                before.1 = whole;
                write!(text, "{since_before},{difference}")
            }
        };
    }
    text.push(']');
    Some(Packed {
        since,
        until,
        scale,
        text,
    })
}

/// The least power of ten that makes all values whole, and gives them back exactly.
fn scale_of(points: &[Point]) -> Option<f64> {
    let mut decimals = 0;
    let mut scale = 1.0;
    for value in points.iter().filter_map(|(_, value)| *value) {
        loop {
            let whole = (value * scale).round();
            if whole.abs() < EXACT && whole / scale == value {
                break;
            }
            if decimals == DECIMALS {
                return None;
            }
            decimals += 1;
            scale = 10_f64.powi(decimals as i32);
        }
    }
    // What was exact with fewer decimals may be too large with more.
    let all = points.iter().filter_map(|(_, value)| *value).all(|value| {
        let whole = (value * scale).round();
        whole.abs() < EXACT && whole / scale == value
    });
    all.then_some(scale)
}

/// The points of a text; `None` if it is none of ours.
pub(super) fn unpack(since: i64, scale: Option<f64>, text: &str) -> Option<Vec<Point>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut points = Vec::with_capacity(inner.len() / 8);
    let mut numbers = inner.split(',');
    let mut time = since;
    let mut whole: i64 = 0;
    while let Some(since_before) = numbers.next() {
        time = time.checked_add(since_before.parse().ok()?)?;
        let value = match (numbers.next()?, scale) {
            ("null", _) => None,
            (value, None) => Some(
                value
                    .parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())?,
            ),
            (difference, Some(scale)) => {
                whole = whole.checked_add(difference.parse().ok()?)?;
                Some(whole as f64 / scale)
            }
        };
        points.push((time, value));
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(points: &[Point]) -> Packed {
        let packed = pack(points).expect("there are points");
        let back = unpack(packed.since, packed.scale, &packed.text).expect("it is ours");
        assert_eq!(back, points);
        packed
    }

    #[test]
    fn values_with_few_decimals_are_written_as_whole_differences() {
        let points = [
            (1_000, Some(71.25)),
            (3_500, Some(71.5)),
            (6_000, None),
            (9_000, Some(70.0)),
        ];
        let packed = round_trip(&points);
        assert_eq!(packed.text, "[0,7125,2500,25,2500,null,3000,-150]");
        assert_eq!((packed.since, packed.until), (1_000, 9_000));
        assert_eq!(packed.scale, Some(100.0));
    }

    #[test]
    fn what_no_power_of_ten_makes_whole_is_written_as_it_is() {
        let packed = round_trip(&[(0, Some(1.0 / 3.0)), (1, Some(1e300)), (2, Some(-1e-300))]);
        assert_eq!(packed.scale, None);
        // Large and fine at once.
        let packed = round_trip(&[(0, Some(0.000_000_001)), (1, Some(9_007_199_254_740_991.0))]);
        assert_eq!(packed.scale, None);
    }

    #[test]
    fn a_text_that_is_not_ours_is_refused() {
        for text in [
            "",
            "[",
            "[]",
            "[0]",
            "[0,1",
            "[0,1,2]",
            "[x,1]",
            "[0,1e400]",
            "[0,NaN]",
            "[9223372036854775807,1,9223372036854775807,1]",
            "[0,9223372036854775807,0,9223372036854775807]",
        ] {
            for scale in [None, Some(1.0)] {
                let odd = unpack(1, scale, text);
                let plain = scale.is_none() && text.starts_with("[0,92");
                assert!(odd.is_none() || plain, "{text:?} {scale:?} {odd:?}");
            }
        }
    }

    fn values() -> impl Strategy<Value = Option<f64>> {
        prop_oneof![
            1 => Just(None),
            4 => (-100_000_i64..100_000, 0_u32..4)
                .prop_map(|(whole, decimals)| Some(whole as f64 / 10_f64.powi(decimals as i32))),
            1 => any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(Some),
        ]
    }

    proptest! {
        #[test]
        fn every_value_comes_back_as_it_was(
            start in 0_i64..4_000_000_000_000,
            points in prop::collection::vec((0_i64..100_000_000, values()), 1..200),
        ) {
            let mut time = start;
            let points: Vec<Point> = points
                .into_iter()
                .map(|(after, value)| {
                    time += after;
                    (time, value)
                })
                .collect();
            round_trip(&points);
        }

        #[test]
        fn no_text_makes_it_panic(since: i64, text in "[\\[\\],0-9nul.eE+-]{0,60}") {
            let _ = unpack(since, None, &text);
            let _ = unpack(since, Some(100.0), &text);
        }
    }
}
