//! MC065: a list in a map

use std::collections::HashMap;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "axle"))]
    wheels: HashMap<String, Vec<Wheel>>,
}

fn main() {}
