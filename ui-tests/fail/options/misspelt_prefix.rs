//! MC010: `prefx` is `prefix`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefx = "_")]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
