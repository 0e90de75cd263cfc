//! MC011: `unit` belongs to a field

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(unit = "km/h")]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
