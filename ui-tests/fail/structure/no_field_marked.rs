//! MC002: nothing is observed without `#[metric]`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    speed: f64,
    odometer: f64,
}

fn main() {}
