//! MC015: a comma is missing

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "distance" unit = "km")]
    odometer: f64,
}

fn main() {}
