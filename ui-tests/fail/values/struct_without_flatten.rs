//! MC060: a struct of metrics is flattened

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: Wheel,
}

fn main() {}
