//! MC072: two groups in the way of each other, and two more

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    a: Motor,
    #[metric(flatten)]
    b: Motor,
    #[metric(flatten)]
    c: Wheel,
    #[metric(flatten)]
    d: Wheel,
}

fn main() {}
