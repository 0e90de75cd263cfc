//! MC072: a list and a spare of one type

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "motor"))]
    motors: Vec<Motor>,
    #[metric(flatten)]
    spare: Motor,
}

fn main() {}
