//! MC012: an option twice

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "a", separator = "_", prefix = "b")]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
