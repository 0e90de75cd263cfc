//! MC062: truths do not add up

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(up_down_counter)]
    value: bool,
}

fn main() {}
