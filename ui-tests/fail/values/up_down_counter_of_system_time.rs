//! MC062: points in time do not add up

use std::time::SystemTime;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(up_down_counter)]
    value: Option<SystemTime>,
}

fn main() {}
