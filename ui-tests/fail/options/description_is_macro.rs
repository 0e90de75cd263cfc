//! MC014: macros are not evaluated in attributes

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(description = concat!("a", "b"))]
    odometer: f64,
}

fn main() {}
