//! MC072: two parameters that are one type

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

fn main() {
    Family::<Pair<Motor, Motor>>::new();
}
