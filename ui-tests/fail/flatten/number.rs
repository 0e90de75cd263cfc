//! MC065: a number has no metrics

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: Option<f64>,
}

fn main() {}
