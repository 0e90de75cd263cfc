//! MC062: truths do not add up

use metric_core::MetricCollector;

fn any(value: &u64) -> bool {
    *value > 0
}

#[derive(MetricCollector)]
struct Car {
    #[metric(up_down_counter, with = any)]
    value: u64,
}

fn main() {}
