//! MC061: a counter is never negative

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: i64,
}

fn main() {}
