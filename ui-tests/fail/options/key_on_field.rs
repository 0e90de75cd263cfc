//! MC011: `key` belongs in `flatten(…)`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten, key = "wheel")]
    wheels: Vec<Wheel>,
}

fn main() {}
