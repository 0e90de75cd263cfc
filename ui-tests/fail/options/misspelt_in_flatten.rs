//! MC010: `prefx` is `prefix`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(prefx = "rear"))]
    motor: Motor,
}

fn main() {}
