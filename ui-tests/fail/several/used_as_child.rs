//! MC030: nothing else is said where the struct is flattened

use metric_core::{Family, MetricCollector};

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric(unit = "mph")]
    speed: f64,
}

#[derive(MetricCollector)]
struct Fleet {
    #[metric(flatten(key = "car"))]
    cars: Vec<Car>,
    #[metric(flatten)]
    first: Option<Car>,
}

fn main() {
    Family::<Fleet>::new();
}
