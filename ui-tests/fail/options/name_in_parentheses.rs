//! MC014: a name behind `=`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name("distance"))]
    odometer: f64,
}

fn main() {}
