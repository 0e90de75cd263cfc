//! MC073: `state` is the attribute of state metrics

use metric_core::{MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
#[metric(attributes(state = "California"))]
struct Car {
    #[metric]
    charging: Option<Charging>,
}

fn main() {}
