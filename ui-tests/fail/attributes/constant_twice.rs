//! MC041: a key twice

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(maker = "Tesla", maker = "BYD"))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
