//! MC072: a collision is said where it is, and by the struct around it

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Motor {
    #[metric]
    torque: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    front: Motor,
    #[metric(flatten)]
    rear: Motor,
}

#[derive(MetricCollector)]
struct Fleet {
    #[metric(flatten(key = "car"))]
    cars: Vec<Car>,
}

fn main() {
    Family::<Fleet>::new();
}
