//! MC014: a name is a text

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = 5)]
    odometer: f64,
}

fn main() {}
