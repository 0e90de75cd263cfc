//! MC064: a type that cannot be an attribute

use std::time::Duration;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute)]
    age: Duration,
}

fn main() {}
