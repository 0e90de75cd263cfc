//! MC001: nothing else is said where the enum is used

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
enum Charging {
    Off,
}

fn main() {
    Family::<Charging>::new();
}
