//! MC026: nothing else is said where the enum is used

use metric_core::{Family, MetricCollector, MetricState};

#[derive(MetricState)]
enum Charging {
    Off,
    #[metric(name = "off")]
    Disconnected,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    charging: Option<Charging>,
    #[metric(info)]
    before: Charging,
}

fn main() {
    Family::<Car>::new();
}
