//! MC010: `histogram` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(histogram)]
    odometer: f64,
}

fn main() {}
