//! MC061: a truth is not counted

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: bool,
}

fn main() {}
