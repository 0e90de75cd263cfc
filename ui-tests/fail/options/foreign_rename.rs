//! MC010: `rename` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(rename = "v")]
    speed: f64,
}

fn main() {}
