//! MC052: a name is `flatten(prefix = "…")`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten, name = "rear")]
    motor: Motor,
}

fn main() {}
