//! MC001: an enum of states is no collector, and its states are right

use metric_core::{MetricCollector, MetricState};

#[derive(MetricCollector, MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    charging: Charging,
}

fn main() {}
