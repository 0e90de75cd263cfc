//! MC060: a list is no number

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: Option<Vec<f64>>,
}

fn main() {}
