//! MC042: macros are not evaluated in attributes

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(version = env!("CARGO_PKG_VERSION")))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
