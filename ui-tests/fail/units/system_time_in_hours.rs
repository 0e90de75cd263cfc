//! MC067: a `SystemTime` is reported in seconds

use std::time::SystemTime;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "h")]
    since: SystemTime,
}

fn main() {}
