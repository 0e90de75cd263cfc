//! MC013: `unit` of what?

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit)]
    odometer: f64,
}

fn main() {}
