//! MC052: the unit belongs to the fields of the flattened struct

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten, unit = "N.m")]
    motor: Motor,
}

fn main() {}
