//! MC002: attributes without a metric to be on

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(attribute)]
    model: String,
}

fn main() {}
