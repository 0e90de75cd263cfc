//! E0425: `with` names nothing

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(with = nowhere)]
    value: u64,
}

fn main() {}
