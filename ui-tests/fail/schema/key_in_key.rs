//! MC073: a list in a list with the same key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Axle {
    #[metric(flatten(key = "index"))]
    wheels: [Wheel; 2],
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "index"))]
    axles: Vec<Axle>,
}

fn main() {}
