//! MC072: a flattened metric has the name of an own one but for the case

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
    #[metric(name = "Torque")]
    torque: f64,
    #[metric(flatten)]
    motor: Motor,
}

fn main() {}
