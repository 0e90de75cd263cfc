//! MC051: a field has one role

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute, info)]
    value: String,
}

fn main() {}
