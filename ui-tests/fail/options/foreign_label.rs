//! MC010: `label` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(label = "front")]
    speed: f64,
}

fn main() {}
