//! MC064: a list is no attribute

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(info)]
    options: Vec<String>,
}

fn main() {}
