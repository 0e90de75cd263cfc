//! E0593: `with` takes one argument

use metric_core::MetricCollector;

fn add(value: &u64, other: &u64) -> u64 {
    value + other
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = add)]
    value: u64,
}

fn main() {}
