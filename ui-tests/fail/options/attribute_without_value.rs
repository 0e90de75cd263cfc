//! MC013: a constant attribute without a value

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(maker))]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
