//! MC052: an attribute has a key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute, name = "vin")]
    value: String,
}

fn main() {}
