//! MC061: a point in time is not counted

use std::time::SystemTime;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: SystemTime,
}

fn main() {}
