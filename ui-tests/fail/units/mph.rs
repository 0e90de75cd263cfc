//! MC030: `mph` is the milliphot

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "mph")]
    value: f64,
}

fn main() {}
