//! MC061: a collection of numbers is not counted

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: Vec<u64>,
}

fn main() {}
