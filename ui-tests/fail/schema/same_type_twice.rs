//! MC072: two flattened fields of one type

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    front: Motor,
    #[metric(flatten)]
    rear: Motor,
}

fn main() {}
