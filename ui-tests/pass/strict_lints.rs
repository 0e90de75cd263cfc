//! With the lints denied that are allowed by default.

#![deny(warnings, missing_docs, unsafe_code)]
#![deny(
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    deprecated_in_future,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    keyword_idents,
    let_underscore_drop,
    meta_variable_misuse,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use metric_core::{KeyedCollectors, Metric, MetricCollector, MetricState, MetricValue, Schema};

/// With everything.
#[derive(Debug, MetricCollector)]
#[metric(attributes(maker = "Tesla", offset = -5))]
pub struct Car<'a, T: MetricValue, W: MetricCollector> {
    /// A value.
    #[metric(unit = "km/h")]
    pub speed: f64,
    /// A counter.
    #[metric(counter, with = twice, unit = "m")]
    pub odometer: f64,
    /// An up-down counter.
    #[metric(up_down_counter)]
    pub balance: i64,
    /// A parameter.
    #[metric]
    pub value: T,
    /// A state.
    #[metric]
    pub charging: &'a Charging,
    /// An attribute.
    #[metric(attribute)]
    pub vin: &'a str,
    /// Information.
    #[metric(info)]
    pub version: String,
    /// A collector.
    #[metric(flatten)]
    pub motor: W,
    /// More of them.
    #[metric(flatten(prefix = "wheel", key = "wheel"))]
    pub wheels: Vec<W>,
}

/// A part.
#[derive(Debug, MetricCollector)]
pub struct Motor {
    /// A value.
    #[metric]
    pub torque: std::time::Duration,
}

/// Groups without parameters.
#[derive(Debug, MetricCollector)]
pub struct Motors<'a> {
    /// One.
    #[metric(flatten)]
    pub front: &'a Motor,
    /// Many.
    #[metric(flatten(prefix = "rear", key = "index"))]
    pub rear: [Motor; 2],
}

/// What the charger does.
#[derive(Debug, MetricState)]
pub enum Charging {
    /// Nothing.
    Off,
    /// Something.
    On {
        /// A value.
        power: f64,
    },
}

/// So that the imports are used: none of them makes a path of the derive superfluous.
pub fn used<K: KeyedCollectors>() -> (&'static Schema, Metric) {
    (K::Collector::SCHEMA, Metric::gauge("x", u64::SHAPE))
}

fn twice(value: &f64) -> f64 {
    value * 2.0
}

fn main() {
    drop([Charging::Off, Charging::On { power: 1.0 }]);
}
