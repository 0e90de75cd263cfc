//! MC060: a pair is no number

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: (f64, f64),
}

fn main() {}
