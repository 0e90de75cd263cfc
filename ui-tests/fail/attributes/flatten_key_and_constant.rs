//! MC041: a key twice on the flattened metrics

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
}

#[derive(MetricCollector)]
#[metric(attributes(maker = "Tesla"))]
struct Fleet {
    #[metric(flatten(key = "maker"))]
    cars: Vec<Car>,
}

fn main() {}
