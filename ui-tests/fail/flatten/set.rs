//! MC066: a set has neither index nor key

use std::collections::HashSet;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "wheel"))]
    wheels: HashSet<Wheel>,
}

fn main() {}
