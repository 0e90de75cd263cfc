//! From what was measured to what an instrument can report.

use crate::{DropReason, Kind, Measurement, Metric, NumberType};

/// The value of a point. Compares by value, whatever the number type: `U64(1) == F64(1.0)`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Number {
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A floating-point number.
    F64(f64),
}

impl Number {
    /// The value as a float; integers beyond 2⁵³ lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::I64(value) => value as f64,
            Number::U64(value) => value as f64,
            Number::F64(value) => value,
        }
    }

    pub(crate) fn to_bits(self) -> u64 {
        match self {
            Number::I64(value) => value.cast_unsigned(),
            Number::U64(value) => value,
            Number::F64(value) => value.to_bits(),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Number::I64(value) => value.fmt(f),
            Number::U64(value) => value.fmt(f),
            Number::F64(value) => value.fmt(f),
        }
    }
}

/// What decides how a metric's measurements are represented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Representation {
    number_type: NumberType,
    monotonic: bool,
}

impl Representation {
    pub(crate) const fn of(metric: &Metric) -> Self {
        Representation {
            number_type: metric.number_type(),
            monotonic: matches!(metric.kind(), Kind::Counter),
        }
    }

    /// The number to report, `None` for an absent value, or why there is none.
    #[inline]
    pub(crate) fn number(self, measurement: Measurement) -> Result<Option<Number>, DropReason> {
        let number = match (measurement, self.number_type) {
            (Measurement::Absent, _) => return Ok(None),
            (Measurement::Panicked, _) => return Err(DropReason::Panicked),
            (Measurement::F64(value), _) if !value.is_finite() => {
                return Err(DropReason::NotFinite);
            }
            (Measurement::F64(value), NumberType::F64) => Number::F64(value),
            (Measurement::I64(value), NumberType::F64) => Number::F64(value as f64),
            (Measurement::U64(value), NumberType::F64) => Number::F64(value as f64),
            (Measurement::I64(value), NumberType::I64) => Number::I64(value),
            (Measurement::U64(value), NumberType::I64) => Number::I64(fits(value)?),
            // OTLP has signed integers only; the exporter would send 0 for a larger one.
            (Measurement::U64(value), NumberType::U64) => Number::U64(fits::<i64>(value)? as u64),
            (Measurement::I64(value), NumberType::U64) => Number::U64(fits(value)?),
            (Measurement::OutOfRange | Measurement::State(_) | Measurement::F64(_), _) => {
                return Err(DropReason::OutOfRange);
            }
        };
        match number {
            Number::I64(..0) if self.monotonic => Err(DropReason::OutOfRange),
            Number::F64(value) if self.monotonic && value < 0.0 => Err(DropReason::OutOfRange),
            number => Ok(Some(number)),
        }
    }
}

#[inline]
fn fits<N>(value: impl TryInto<N>) -> Result<N, DropReason> {
    value.try_into().map_err(|_| DropReason::OutOfRange)
}

/// Exact: no integer equals a float that it would only be rounded to.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_integer(), other.as_integer()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.as_f64() == other.as_f64(),
            _ => false,
        }
    }
}

impl Number {
    /// The value if it is an integer, also as a float.
    fn as_integer(self) -> Option<i128> {
        match self {
            Number::I64(value) => Some(value.into()),
            Number::U64(value) => Some(value.into()),
            // A float beyond the range of `i128` is far beyond those of the other two.
            Number::F64(value) => (value.fract() == 0.0).then_some(value as i128),
        }
    }
}

macro_rules! from {
    ($($variant:ident: $($type:ty),*;)*) => {$($(
        impl From<$type> for Number {
            fn from(value: $type) -> Self {
                Number::$variant(value.into())
            }
        }

        impl PartialEq<$type> for Number {
            fn eq(&self, other: &$type) -> bool {
                *self == Number::from(*other)
            }
        }
    )*)*};
}

from! {
    I64: i8, i16, i32, i64;
    U64: bool, u8, u16, u32, u64;
    F64: f32, f64;
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Number::U64(value as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MetricValue, Shape};

    fn gauge<V: MetricValue>(value: V) -> Result<Option<Number>, DropReason> {
        Representation::of(&Metric::gauge("x", V::SHAPE)).number(value.measure())
    }

    fn counter<V: MetricValue>(value: V) -> Result<Option<Number>, DropReason> {
        Representation::of(&Metric::counter("x", V::SHAPE)).number(value.measure())
    }

    fn up_down<V: MetricValue>(value: V) -> Result<Option<Number>, DropReason> {
        Representation::of(&Metric::up_down_counter("x", V::SHAPE)).number(value.measure())
    }

    #[test]
    fn values_keep_their_number_type() {
        assert!(matches!(gauge(-1_i8), Ok(Some(Number::I64(-1)))));
        assert!(matches!(gauge(true), Ok(Some(Number::U64(1)))));
        assert!(matches!(gauge(0.5_f32), Ok(Some(Number::F64(0.5)))));
        assert!(matches!(up_down(3_u8), Ok(Some(Number::I64(3)))));
        assert_eq!(gauge(None::<u8>), Ok(None));
    }

    #[test]
    fn what_cannot_be_represented_says_why() {
        assert_eq!(gauge(f64::NAN), Err(DropReason::NotFinite));
        assert_eq!(gauge(f64::NEG_INFINITY), Err(DropReason::NotFinite));
        assert_eq!(gauge(u64::MAX), Err(DropReason::OutOfRange));
        assert_eq!(up_down(u64::MAX), Err(DropReason::OutOfRange));
        assert_eq!(gauge(u128::MAX), Err(DropReason::OutOfRange));
        assert_eq!(counter(-0.5), Err(DropReason::OutOfRange));
        assert_eq!(
            gauge(i64::MAX as u64),
            Ok(Some(Number::U64(i64::MAX as u64)))
        );
    }

    #[test]
    fn a_hand_written_value_of_another_shape_is_converted_or_refused() {
        let float = Representation::of(&Metric::gauge("x", Shape::F64));
        assert_eq!(
            float.number(Measurement::U64(2)),
            Ok(Some(Number::F64(2.0)))
        );
        let integer = Representation::of(&Metric::gauge("x", Shape::U64));
        assert_eq!(
            integer.number(Measurement::F64(2.0)),
            Err(DropReason::OutOfRange)
        );
        assert_eq!(
            integer.number(Measurement::State(0)),
            Err(DropReason::OutOfRange)
        );
    }

    #[test]
    fn numbers_compare_by_value() {
        assert_eq!(Number::U64(72), 72);
        assert_eq!(Number::F64(72.0), 72);
        assert_eq!(Number::I64(-1), -1.0);
        assert_ne!(Number::I64(-1), u64::MAX);
        assert_ne!(
            Number::I64((1 << 53) + 1),
            Number::F64(9_007_199_254_740_992.0)
        );
        assert_ne!(Number::F64(f64::NAN), Number::F64(f64::NAN));
        assert_ne!(Number::F64(f64::INFINITY), Number::U64(u64::MAX));
    }
}
