//! MC014: constants are not evaluated in attributes

use metric_core::MetricCollector;

const TEXT: &str = "How far.";

#[derive(MetricCollector)]
struct Car {
    #[metric(description = TEXT)]
    odometer: f64,
}

fn main() {}
