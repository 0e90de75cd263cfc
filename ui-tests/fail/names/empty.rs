//! MC020: an empty name

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "")]
    size: f64,
}

fn main() {}
