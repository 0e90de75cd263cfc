//! MC065: states are no collector

use metric_core::{MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: Charging,
}

fn main() {}
