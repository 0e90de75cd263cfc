//! MC010: `uint` is `unit`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(uint = "x")]
    speed: f64,
}

fn main() {}
