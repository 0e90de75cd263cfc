//! MC041: a key twice

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(maker = "Tesla"))]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute)]
    maker: String,
}

fn main() {}
