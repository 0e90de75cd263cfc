//! MC030: what is counted stands in braces

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "requests")]
    value: f64,
}

fn main() {}
