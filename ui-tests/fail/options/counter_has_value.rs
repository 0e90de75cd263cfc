//! MC014: `counter` is said by itself

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter = true)]
    odometer: f64,
}

fn main() {}
