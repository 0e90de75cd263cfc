//! MC007: syntax that the derive cannot read, here because it is not stable

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    unsafe speed: f64,
}

fn main() {}
