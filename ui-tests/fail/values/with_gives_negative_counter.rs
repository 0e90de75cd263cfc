//! MC061: a counter is never negative

use metric_core::MetricCollector;

fn signed(value: &u64) -> i64 {
    -(*value as i64)
}

#[derive(MetricCollector)]
struct Car {
    #[metric(counter, with = signed)]
    value: u64,
}

fn main() {}
