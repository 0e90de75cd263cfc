//! MC021: no space in a prefix

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "my car")]
struct Car {
    #[metric]
    battery: f64,
}

fn main() {}
