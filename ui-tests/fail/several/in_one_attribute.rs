//! MC010, MC011, MC013, MC030: four mistakes in one attribute

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(nmae = "x", prefix = "y", description, unit = "mph")]
    speed: f64,
}

fn main() {}
