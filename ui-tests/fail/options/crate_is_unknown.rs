//! E0433: a path that leads nowhere

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(crate = "nowhere")]
struct Car {
    #[metric]
    odometer: f64,
}

fn main() {}
