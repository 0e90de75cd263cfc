//! MC010: `kind` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(kind = "counter")]
    speed: f64,
}

fn main() {}
