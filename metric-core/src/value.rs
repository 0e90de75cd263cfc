//! What a metric field can be: [`MetricValue`], found by trait and never by the type's spelling.

use std::borrow::Cow;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::time::{Duration, SystemTime};

/// What a value looks like as a metric. Known without a value, so the [`Schema`](crate::Schema)
/// can tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Shape {
    /// A truth, reported as 1 or 0.
    Bool,
    /// A signed integer.
    I64,
    /// An unsigned integer.
    U64,
    /// A floating-point number.
    F64,
    /// One of a fixed set of states: a point per state, 1 for the present one and 0 for the
    /// others, told apart by the attribute `state`.
    States(&'static [&'static str]),
}

/// The number type of an instrument, as OpenTelemetry has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NumberType {
    /// `i64`
    I64,
    /// `u64`
    U64,
    /// `f64`
    F64,
}

impl Shape {
    /// The number type in which values of this shape are reported as a gauge.
    pub const fn number_type(self) -> NumberType {
        match self {
            Shape::I64 => NumberType::I64,
            Shape::F64 => NumberType::F64,
            Shape::Bool | Shape::U64 | Shape::States(_) => NumberType::U64,
        }
    }
}

/// What one look at a value gave.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Measurement {
    /// There is no value now: no point is reported.
    Absent,
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A floating-point number. NaN and infinities make no point, and are counted.
    F64(f64),
    /// The index of the present state in [`Shape::States`].
    State(usize),
    /// There is a value, but no number type of OpenTelemetry can hold it: no point, counted.
    OutOfRange,
    /// A `with` function panicked: no point, counted.
    Panicked,
}

/// A value that a `#[metric]` field can have.
///
/// Implemented for all integers, floats, `bool` (1 or 0), [`Duration`] and [`SystemTime`] (seconds,
/// and seconds since the Unix epoch), `NonZero`, the atomics, and [`Option`], references, [`Box`],
/// [`Rc`], [`Arc`] and [`Cow`] of those; for enums by `#[derive(MetricState)]`.
///
/// A newtype passes on to what it wraps:
///
/// ```
/// use metric_core::{Measurement, MetricValue, Shape};
///
/// struct Celsius(f64);
///
/// impl MetricValue for Celsius {
///     const SHAPE: Shape = f64::SHAPE;
///     const UNIT: &'static str = "Cel"; // what every `Celsius` field is measured in
///
///     fn measure(&self) -> Measurement {
///         self.0.measure()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "MC060: `{Self}` cannot be observed as a metric",
    label = "not a number, a truth, a time or a state",
    note = "a struct of metrics: `#[metric(flatten)]`; a collection of them: `#[metric(flatten(key = \"…\"))]`",
    note = "a text: `#[metric(attribute)]` or `#[metric(info)]`; an enum: `#[derive(MetricState)]` on it",
    note = "anything else: `#[metric(with = path)]` names a function from `&{Self}` to a number, or implement `MetricValue`"
)]
pub trait MetricValue {
    /// How the value looks as a metric.
    const SHAPE: Shape;

    /// The unit that the type itself implies (UCUM), `""` if none. A field's `unit` option may
    /// repeat it and may not contradict it.
    const UNIT: &'static str = "";

    /// Looks at the value. Runs while a collection waits: it should be quick and must not block.
    fn measure(&self) -> Measurement;
}

/// A [`MetricValue`] that can be a counter: it cannot be negative by its type, or it is a float
/// (whose negative values make no point and are counted).
///
/// Implement it for a newtype that only ever grows.
#[diagnostic::on_unimplemented(
    message = "MC061: a counter only grows, but `{Self}` may be negative or is not a quantity",
    label = "not the value of a counter",
    note = "a value that falls and rises: `up_down_counter` or `gauge` (the default)",
    note = "a value that cannot be negative: use an unsigned integer, a float or a `Duration`, or name a function to one: `with = path`"
)]
pub trait CounterValue: MetricValue {
    // What the derive's code uses of a counter, so that a type that is neither is reported once.
    #[doc(hidden)]
    const COUNTER_SHAPE: Shape = Self::SHAPE;
    #[doc(hidden)]
    const COUNTER_UNIT: &'static str = Self::UNIT;
    #[doc(hidden)]
    #[inline]
    fn measure_counter(&self) -> Measurement {
        self.measure()
    }
}

/// A [`MetricValue`] that can be an up-down counter: a quantity that adds up.
#[diagnostic::on_unimplemented(
    message = "MC062: an up-down counter is a quantity that adds up, but `{Self}` is none",
    label = "not the value of an up-down counter",
    note = "states, truths and points in time do not add up: use `gauge` (the default)",
    note = "anything else: `with = path` names a function to an integer or a float"
)]
pub trait UpDownCounterValue: MetricValue {
    // As for `CounterValue`.
    #[doc(hidden)]
    const UP_DOWN_COUNTER_SHAPE: Shape = Self::SHAPE;
    #[doc(hidden)]
    const UP_DOWN_COUNTER_UNIT: &'static str = Self::UNIT;
    #[doc(hidden)]
    #[inline]
    fn measure_up_down_counter(&self) -> Measurement {
        self.measure()
    }
}

/// An enum whose variants are states: `#[derive(MetricState)]`.
///
/// As a metric it is a point per state, 1 for the present one and 0 for the others, with the
/// attribute `state` telling which; as an attribute it is the present state's name.
#[diagnostic::on_unimplemented(
    message = "MC063: `{Self}` is not a set of states",
    note = "put `#[derive(MetricState)]` on the enum"
)]
pub trait MetricState {
    /// The names of all states, in the order of the variants.
    const STATES: &'static [&'static str];

    /// The index of the present state in [`STATES`](Self::STATES).
    fn state_index(&self) -> usize;
}

macro_rules! integers {
    ($($shape:ident($number:ty): $($integer:ty),*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl MetricValue for $integer {
            const SHAPE: Shape = Shape::$shape;

            #[inline]
            fn measure(&self) -> Measurement {
                match <$number>::try_from(*self) {
                    Ok(number) => Measurement::$shape(number),
                    Err(_) => Measurement::OutOfRange,
                }
            }
        }

        #[diagnostic::do_not_recommend]
        impl UpDownCounterValue for $integer {}

        #[diagnostic::do_not_recommend]
        impl MetricValue for NonZero<$integer> {
            const SHAPE: Shape = Shape::$shape;

            #[inline]
            fn measure(&self) -> Measurement {
                self.get().measure()
            }
        }

        #[diagnostic::do_not_recommend]
        impl UpDownCounterValue for NonZero<$integer> {}
    )*)*};
}

integers! {
    I64(i64): i8, i16, i32, i64, i128, isize;
    U64(u64): u8, u16, u32, u64, u128, usize;
}

macro_rules! count_with {
    ($($value:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl CounterValue for $value {}
    )*};
}

count_with!(u8, u16, u32, u64, u128, usize, f32, f64, Duration);
count_with!(
    NonZero<u8>,
    NonZero<u16>,
    NonZero<u32>,
    NonZero<u64>,
    NonZero<u128>,
    NonZero<usize>
);
count_with!(AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize);

macro_rules! atomics {
    ($($atomic:ty => $integer:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl MetricValue for $atomic {
            const SHAPE: Shape = <$integer as MetricValue>::SHAPE;

            #[inline]
            fn measure(&self) -> Measurement {
                self.load(Ordering::Relaxed).measure()
            }
        }
    )*};
}

atomics! {
    AtomicBool => bool,
    AtomicI8 => i8, AtomicI16 => i16, AtomicI32 => i32, AtomicI64 => i64, AtomicIsize => isize,
    AtomicU8 => u8, AtomicU16 => u16, AtomicU32 => u32, AtomicU64 => u64, AtomicUsize => usize,
}

macro_rules! add_up {
    ($($value:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl UpDownCounterValue for $value {}
    )*};
}

add_up!(f32, f64, Duration);
add_up!(AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize);
add_up!(AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize);

#[diagnostic::do_not_recommend]
impl MetricValue for bool {
    const SHAPE: Shape = Shape::Bool;

    #[inline]
    fn measure(&self) -> Measurement {
        Measurement::U64(u64::from(*self))
    }
}

#[diagnostic::do_not_recommend]
impl MetricValue for f64 {
    const SHAPE: Shape = Shape::F64;

    #[inline]
    fn measure(&self) -> Measurement {
        Measurement::F64(*self)
    }
}

#[diagnostic::do_not_recommend]
impl MetricValue for f32 {
    const SHAPE: Shape = Shape::F64;

    #[inline]
    fn measure(&self) -> Measurement {
        Measurement::F64(f64::from(*self))
    }
}

#[diagnostic::do_not_recommend]
impl MetricValue for Duration {
    const SHAPE: Shape = Shape::F64;
    const UNIT: &'static str = "s";

    #[inline]
    fn measure(&self) -> Measurement {
        Measurement::F64(self.as_secs_f64())
    }
}

#[diagnostic::do_not_recommend]
impl MetricValue for SystemTime {
    const SHAPE: Shape = Shape::F64;
    const UNIT: &'static str = "s";

    /// Seconds since the Unix epoch, negative before it.
    #[inline]
    fn measure(&self) -> Measurement {
        Measurement::F64(match self.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => since.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        })
    }
}

impl<V: MetricValue> MetricValue for Option<V> {
    const SHAPE: Shape = V::SHAPE;
    const UNIT: &'static str = V::UNIT;

    #[inline]
    fn measure(&self) -> Measurement {
        match self {
            Some(value) => value.measure(),
            None => Measurement::Absent,
        }
    }
}

impl<V: CounterValue> CounterValue for Option<V> {}
impl<V: UpDownCounterValue> UpDownCounterValue for Option<V> {}

macro_rules! pointers {
    ($($pointer:ty),* $(,)?) => {$(
        impl<V: MetricValue + ?Sized> MetricValue for $pointer {
            const SHAPE: Shape = V::SHAPE;
            const UNIT: &'static str = V::UNIT;

            #[inline]
            fn measure(&self) -> Measurement {
                (**self).measure()
            }
        }

        impl<V: CounterValue + ?Sized> CounterValue for $pointer {}
        impl<V: UpDownCounterValue + ?Sized> UpDownCounterValue for $pointer {}
    )*};
}

pointers!(&V, &mut V, Box<V>, Rc<V>, Arc<V>);

impl<V: MetricValue + Clone> MetricValue for Cow<'_, V> {
    const SHAPE: Shape = V::SHAPE;
    const UNIT: &'static str = V::UNIT;

    #[inline]
    fn measure(&self) -> Measurement {
        (**self).measure()
    }
}

impl<V: CounterValue + Clone> CounterValue for Cow<'_, V> {}
impl<V: UpDownCounterValue + Clone> UpDownCounterValue for Cow<'_, V> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_sign_and_their_value() {
        assert_eq!((-3_i8).measure(), Measurement::I64(-3));
        assert_eq!(u64::MAX.measure(), Measurement::U64(u64::MAX));
        assert_eq!(NonZero::new(7_u16).measure(), Measurement::U64(7));
        assert_eq!(AtomicI32::new(-9).measure(), Measurement::I64(-9));
    }

    #[test]
    fn an_integer_that_fits_no_number_type_is_out_of_range() {
        assert_eq!(u128::MAX.measure(), Measurement::OutOfRange);
        assert_eq!(i128::MIN.measure(), Measurement::OutOfRange);
        assert_eq!(5_u128.measure(), Measurement::U64(5));
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(Duration::from_millis(1500).measure(), Measurement::F64(1.5));
        assert_eq!(Duration::UNIT, "s");
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(2);
        assert_eq!(before.measure(), Measurement::F64(-2.0));
    }

    #[test]
    fn wrappers_pass_on_and_none_is_absent() {
        assert_eq!(Some(Box::new(true)).measure(), Measurement::U64(1));
        assert_eq!(None::<Arc<i64>>.measure(), Measurement::Absent);
        assert_eq!(<Option<&f32>>::SHAPE, Shape::F64);
        assert_eq!(Cow::Borrowed(&2_u8).measure(), Measurement::U64(2));
    }
}
