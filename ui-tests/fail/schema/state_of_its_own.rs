//! MC073: `state` is the attribute of state metrics

use metric_core::{MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    charging: Charging,
    #[metric(attribute)]
    state: String,
}

fn main() {}
