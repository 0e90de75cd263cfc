//! MC052: an information attribute has no description

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(info, description = "The version.")]
    value: String,
}

fn main() {}
