//! MC013: `attributes` without a list

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes)]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
