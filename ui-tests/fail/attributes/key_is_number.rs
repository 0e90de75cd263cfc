//! MC015: an attribute begins with its key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(5 = "five"))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
