//! MC073: the key of a list is also an attribute of its members

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
    #[metric(attribute)]
    place: String,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "place"))]
    motors: Vec<Motor>,
}

fn main() {}
