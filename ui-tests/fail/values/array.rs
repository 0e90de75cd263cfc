//! MC060: an array is no number

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: [f64; 4],
}

fn main() {}
