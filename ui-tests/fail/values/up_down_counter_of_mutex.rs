//! MC062: what a lock holds is no quantity that adds up

use std::sync::Mutex;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(up_down_counter)]
    value: Mutex<u64>,
}

fn main() {}
