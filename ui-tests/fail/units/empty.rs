//! MC030: an empty unit

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "")]
    value: f64,
}

fn main() {}
