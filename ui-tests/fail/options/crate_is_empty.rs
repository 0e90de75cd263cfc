//! MC017: an empty path

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(crate = "")]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
