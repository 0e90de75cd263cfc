//! MC010: `help` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(help = "How fast.")]
    speed: f64,
}

fn main() {}
