//! metric-core by another path; the library `reexport` itself has it by another name.

#![deny(warnings, missing_docs)]

use reexport::inner::metrics;

/// By the path of a library that passes metric-core on.
#[derive(metrics::MetricCollector)]
#[metric(crate = "reexport::inner::metrics", attributes(maker = "Tesla"))]
pub struct Car {
    /// The speed.
    #[metric]
    pub speed: f64,
    /// The charger.
    #[metric(counter, with = twice)]
    pub odometer: f64,
    /// The charger.
    #[metric]
    pub charging: Charging,
    /// What the library observes.
    #[metric(flatten)]
    pub requests: reexport::Requests,
    /// Many.
    #[metric(flatten(key = "index"))]
    pub replies: Vec<reexport::Replies>,
}

/// What the charger does.
#[derive(metrics::MetricState)]
#[metric(crate = "::reexport::inner::metrics")]
pub enum Charging {
    /// Nothing.
    Off,
    /// Something.
    On,
}

/// By an import.
#[derive(metrics::MetricCollector)]
#[metric(crate = "metrics")]
pub struct Truck {
    /// The speed.
    #[metric]
    pub speed: f64,
}

/// In a module, by `self` and `super`.
pub mod module {
    use super::metrics;

    /// By `self`.
    #[derive(metrics::MetricCollector)]
    #[metric(crate = "self::metrics")]
    pub struct Here {
        /// The speed.
        #[metric]
        pub speed: f64,
    }

    /// By `super`.
    #[derive(metrics::MetricCollector)]
    #[metric(crate = "super::metrics")]
    pub struct There {
        /// The speed.
        #[metric]
        pub speed: f64,
    }
}

fn twice(value: &f64) -> f64 {
    value * 2.0
}

fn main() {
    let _ = (Charging::Off, Charging::On);
}
