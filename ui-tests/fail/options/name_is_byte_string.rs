//! MC014: a name is a text, not bytes

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = b"distance")]
    odometer: f64,
}

fn main() {}
