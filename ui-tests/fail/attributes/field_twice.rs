//! MC041: a key twice

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute)]
    vin: String,
    #[metric(attribute = "vin")]
    id: u64,
}

fn main() {}
