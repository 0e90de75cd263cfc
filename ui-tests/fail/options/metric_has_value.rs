//! MC015: `#[metric]` itself has no value

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric = "distance"]
    odometer: f64,
}

fn main() {}
