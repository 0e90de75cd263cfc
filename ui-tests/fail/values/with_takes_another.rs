//! E0631: `with` takes a reference to the field

use metric_core::MetricCollector;

fn twice(value: &u64) -> u64 {
    value * 2
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = twice)]
    value: Option<u64>,
}

fn main() {}
