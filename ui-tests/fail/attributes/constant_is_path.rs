//! MC042: constants are not evaluated in attributes

use metric_core::MetricCollector;

const VERSION: &str = "1";

#[derive(MetricCollector)]
#[metric(attributes(version = VERSION))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
