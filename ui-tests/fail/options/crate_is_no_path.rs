//! MC017: not the path of a crate

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(crate = "metric-core")]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
