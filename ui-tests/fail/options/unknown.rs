//! MC010: an option that is like no other

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(colour = "red")]
    speed: f64,
}

fn main() {}
