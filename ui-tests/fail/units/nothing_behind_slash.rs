//! MC030: something is missing

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "km/")]
    value: f64,
}

fn main() {}
