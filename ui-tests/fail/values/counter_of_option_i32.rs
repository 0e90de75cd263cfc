//! MC061: a counter is never negative

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: Option<i32>,
}

fn main() {}
