//! MC072: nothing else is said where the struct is used

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    front: Motor,
    #[metric(flatten)]
    rear: Motor,
}

fn main() {
    Family::<Car>::new();
}
