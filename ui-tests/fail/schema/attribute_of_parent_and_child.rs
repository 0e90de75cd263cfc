//! MC073: an attribute of the parent is also of the child

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(place = "rear"))]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
#[metric(attributes(place = "garage"))]
struct Car {
    #[metric(flatten)]
    motor: Motor,
}

fn main() {}
