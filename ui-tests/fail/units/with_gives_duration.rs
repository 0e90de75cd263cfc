//! MC067: what `with` gives has a unit of its own

use std::time::{Duration, Instant};

use metric_core::MetricCollector;

fn uptime(started: &Instant) -> Duration {
    started.elapsed()
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = uptime, unit = "ms")]
    started: Instant,
}

fn main() {}
