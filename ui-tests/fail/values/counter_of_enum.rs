//! MC061: states are not counted

use metric_core::{MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: Option<Charging>,
}

fn main() {}
