//! MC060: a lock is not observed

use std::sync::Mutex;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: Mutex<u64>,
}

fn main() {}
