//! MC061: a counter is never negative

use std::sync::atomic::AtomicI64;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: AtomicI64,
}

fn main() {}
