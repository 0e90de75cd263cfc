//! MC010: `skip` is a word of another library

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(skip)]
    odometer: f64,
}

fn main() {}
