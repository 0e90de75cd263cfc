//! MC064: a map whose keys cannot be attributes

use std::collections::HashMap;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "place"))]
    wheels: HashMap<(u8, u8), Wheel>,
}

fn main() {}
