//! MC060: a text is no number

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: String,
}

fn main() {}
