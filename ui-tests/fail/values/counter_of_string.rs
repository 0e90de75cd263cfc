//! MC060: a text is neither counted nor observed

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: String,
}

fn main() {}
