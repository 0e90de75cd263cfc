//! MC052: an attribute has no unit

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute, unit = "m")]
    value: f64,
}

fn main() {}
