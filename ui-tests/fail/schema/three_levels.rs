//! MC072: a name that is three levels down

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "")]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Axle {
    #[metric(flatten)]
    motor: Motor,
}

#[derive(MetricCollector)]
#[metric(prefix = "")]
struct Car {
    #[metric]
    torque: f64,
    #[metric(flatten)]
    axle: Axle,
}

fn main() {}
