//! MC072: two parameters that are one type, in a struct without parameters

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Pair<A, B> {
    #[metric(flatten)]
    a: A,
    #[metric(flatten)]
    b: B,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    motors: Pair<Motor, Motor>,
}

fn main() {
    Family::<Car>::new();
}
