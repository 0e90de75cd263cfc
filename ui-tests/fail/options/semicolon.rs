//! MC015: a semicolon for a comma

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "distance"; unit = "km")]
    odometer: f64,
}

fn main() {}
