//! MC024: two metrics of one name

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(name = "speed")]
    velocity: f64,
}

fn main() {}
