//! MC042: a number without suffix

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(doors = 5u8))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
