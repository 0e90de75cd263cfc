//! MC014: a path in quotes

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(crate = metric_core)]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
