//! MC030: revolutions are counted in braces

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "rpm")]
    value: f64,
}

fn main() {}
