//! MC013: `with` what?

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(with)]
    odometer: f64,
}

fn main() {}
