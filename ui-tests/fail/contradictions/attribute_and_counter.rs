//! MC052: an attribute is not counted

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(counter, attribute)]
    value: u64,
}

fn main() {}
