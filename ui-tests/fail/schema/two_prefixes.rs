//! MC072: one prefix for two groups

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(prefix = "motor"))]
    front: Motor,
    #[metric(flatten(prefix = "motor"))]
    rear: Motor,
}

fn main() {}
