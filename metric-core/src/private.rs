//! What the derive's code calls. Not for use by hand, and not part of what is promised.

pub use core::option::Option;

pub use crate::schema::{GroupChecks, check_own_keys};

use crate::schema::{equal, fail};
use crate::{CounterValue, Measurement, MetricValue, Shape, UpDownCounterValue};

/// The unit of a field: the one that is given, unless the type implies another.
///
/// # Panics
///
/// In `const` evaluation, if the two contradict.
#[track_caller]
pub const fn unit(implied: &'static str, given: &'static str) -> &'static str {
    if implied.is_empty() || equal(given, implied) {
        return given;
    }
    fail(&[
        "MC067: the unit `",
        given,
        "` contradicts `",
        implied,
        "`, which the value's type implies: leave `unit` out, or convert the value with `with = path`",
    ]);
}

/// A `with` function, and what is known of its result. The derive's code calls one and the same
/// function for all that it needs to know, so that a mistake in it is reported once.
#[derive(Debug)]
pub struct With<'f, A: ?Sized, F> {
    /// The result's shape.
    pub shape: Shape,
    /// The unit that the result's type implies.
    pub unit: &'static str,
    function: &'f F,
    measure: fn(&F, &A) -> Measurement,
}

/// A function whose result is a gauge.
pub const fn with_gauge<A, R, F>(function: &F) -> With<'_, A, F>
where
    A: ?Sized,
    R: MetricValue,
    F: Fn(&A) -> R,
{
    With {
        shape: R::SHAPE,
        unit: R::UNIT,
        function,
        measure: measure::<A, R, F>,
    }
}

/// A function whose result is a counter.
pub const fn with_counter<A, R, F>(function: &F) -> With<'_, A, F>
where
    A: ?Sized,
    R: CounterValue,
    F: Fn(&A) -> R,
{
    with_gauge(function)
}

/// A function whose result is an up-down counter.
pub const fn with_up_down_counter<A, R, F>(function: &F) -> With<'_, A, F>
where
    A: ?Sized,
    R: UpDownCounterValue,
    F: Fn(&A) -> R,
{
    with_gauge(function)
}

impl<A: ?Sized, F> With<'_, A, F> {
    /// Looks at a field; a panic costs this one value.
    #[inline]
    pub fn measure(&self, field: &A) -> Measurement {
        (self.measure)(self.function, field)
    }
}

#[inline]
fn measure<A: ?Sized, R: MetricValue, F: Fn(&A) -> R>(function: &F, field: &A) -> Measurement {
    crate::panics::caught(|| function(field).measure()).unwrap_or(Measurement::Panicked)
}
