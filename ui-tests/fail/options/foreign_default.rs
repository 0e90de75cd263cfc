//! MC010: `default` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(default)]
    odometer: f64,
}

fn main() {}
