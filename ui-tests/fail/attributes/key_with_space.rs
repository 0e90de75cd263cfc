//! MC040: a key that ends with a space

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute = "vin ")]
    vin: String,
}

fn main() {}
