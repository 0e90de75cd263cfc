//! MC014: `attributes` has a list

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes = "maker")]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
