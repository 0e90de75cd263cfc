//! MC066: a key for what is no list

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "wheel"))]
    wheels: Option<Wheel>,
}

fn main() {}
