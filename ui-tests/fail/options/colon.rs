//! MC015: a colon for an equals sign

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit: "km")]
    odometer: f64,
}

fn main() {}
