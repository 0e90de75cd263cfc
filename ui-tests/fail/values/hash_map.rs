//! MC060: a map is no number

use std::collections::HashMap;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: HashMap<String, f64>,
}

fn main() {}
