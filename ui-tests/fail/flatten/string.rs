//! MC065: a text has no metrics

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: String,
}

fn main() {}
