//! A flattened type with the name of the struct itself, from another module.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// A module.
pub mod inner {
    /// The same name.
    #[derive(metric_core::MetricCollector)]
    #[metric(prefix = "inner")]
    pub struct Car {
        /// A value.
        #[metric]
        pub speed: f64,
    }
}

/// A car.
#[derive(MetricCollector)]
pub struct Car {
    /// A value.
    #[metric]
    pub speed: f64,
    /// Another car.
    #[metric(flatten)]
    pub inner: inner::Car,
    /// More cars.
    #[metric(flatten(prefix = "more", key = "index"))]
    pub more: Vec<self::inner::Car>,
}

fn main() {}
