//! MC065: a list of numbers has no metrics

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "wheel"))]
    wheels: Vec<f64>,
}

fn main() {}
