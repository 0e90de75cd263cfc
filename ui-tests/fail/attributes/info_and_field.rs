//! MC041: a key twice on the information metric

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute = "version")]
    hardware: String,
    #[metric(info = "version")]
    software: String,
}

fn main() {}
