//! MC051: a field has one role

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(info, flatten)]
    motor: Motor,
}

fn main() {}
