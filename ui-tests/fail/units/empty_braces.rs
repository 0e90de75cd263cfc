//! MC030: braces name what is counted

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "{}")]
    value: f64,
}

fn main() {}
