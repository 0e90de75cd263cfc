//! MC011: `prefix` belongs to the struct

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(prefix = "car")]
    speed: f64,
}

fn main() {}
