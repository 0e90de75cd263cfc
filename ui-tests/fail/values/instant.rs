//! MC060: a point in time without a calendar is no number

use std::time::Instant;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: Instant,
}

fn main() {}
