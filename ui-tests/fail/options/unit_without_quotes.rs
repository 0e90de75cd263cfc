//! MC014: a unit in quotes

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = km)]
    odometer: f64,
}

fn main() {}
