//! MC015: a text without a key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric("distance")]
    odometer: f64,
}

fn main() {}
