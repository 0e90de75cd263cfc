//! MC060: a list of collectors is flattened with a key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: Vec<Wheel>,
}

fn main() {}
