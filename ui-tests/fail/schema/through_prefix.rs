//! MC072: a prefix makes a name that is there already

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "")]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
#[metric(prefix = "")]
struct Car {
    #[metric(name = "motor.torque")]
    torque: f64,
    #[metric(flatten(prefix = "motor"))]
    motor: Motor,
}

fn main() {}
