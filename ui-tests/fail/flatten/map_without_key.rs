//! MC065: a map needs a key

use std::collections::HashMap;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: HashMap<String, Wheel>,
}

fn main() {}
