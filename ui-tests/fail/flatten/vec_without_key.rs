//! MC065: a list needs a key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: Vec<Wheel>,
}

fn main() {}
