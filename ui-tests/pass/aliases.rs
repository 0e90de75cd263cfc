//! A type is found by trait, never by its spelling.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// An alias of a number.
pub type Percent = Option<f64>;
/// An alias of a collection.
pub type Wheels<T> = std::collections::BTreeMap<String, T>;

/// A wheel.
#[derive(MetricCollector)]
pub struct Wheel {
    /// The pressure.
    #[metric(unit = "bar")]
    pub pressure: self::Percent,
}

/// A trait with an associated type.
pub trait Model {
    /// Its range.
    type Range;
}

/// One of them.
pub struct S;

impl Model for S {
    type Range = u32;
}

/// A car.
#[derive(MetricCollector)]
pub struct Car {
    /// The level.
    #[metric(unit = "%")]
    pub level: Percent,
    /// The range.
    #[metric(counter)]
    pub range: <S as Model>::Range,
    /// The wheels.
    #[metric(flatten(key = "wheel"))]
    pub wheels: Wheels<Wheel>,
}

fn main() {}
