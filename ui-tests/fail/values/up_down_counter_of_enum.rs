//! MC062: states do not add up

use metric_core::{MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(up_down_counter)]
    value: Charging,
}

fn main() {}
