//! MC021: a prefix is part of a name

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(prefix = "hinten rechts"))]
    motor: Motor,
}

fn main() {}
