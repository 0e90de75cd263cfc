//! MC072: a flattened metric has the name of an own one

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
    #[metric]
    torque: f64,
    #[metric(flatten)]
    motor: Motor,
}

fn main() {}
