//! MC013: a key of what?

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key))]
    wheels: Vec<Wheel>,
}

fn main() {}
