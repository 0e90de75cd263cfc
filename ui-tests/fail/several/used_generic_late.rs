//! MC072: a collision of parameters is said by the structs that give them

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Pair<A> {
    #[metric(flatten)]
    a: A,
    #[metric(flatten)]
    b: A,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    motors: Pair<Motor>,
}

#[derive(MetricCollector)]
struct Fleet {
    #[metric(flatten(key = "car"))]
    cars: Vec<Car>,
}

fn main() {}
