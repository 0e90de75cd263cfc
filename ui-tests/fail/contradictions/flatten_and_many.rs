//! MC052: options of a metric beside `flatten`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(prefix = "rear"), counter, description = "The motor.", with = read)]
    motor: Motor,
}

fn main() {}
