//! MC067: a `Duration` is reported in seconds

use std::time::Duration;

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "ms")]
    uptime: Option<Duration>,
}

fn main() {}
