//! MC014: `flatten` has a list

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten = "rear")]
    motor: Motor,
}

fn main() {}
