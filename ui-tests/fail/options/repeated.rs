//! MC012: an option twice

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "m", unit = "km")]
    odometer: f64,
}

fn main() {}
