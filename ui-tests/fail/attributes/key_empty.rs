//! MC040: an empty key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute = "")]
    vin: String,
}

fn main() {}
