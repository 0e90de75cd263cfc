//! MC060: an enum field whose enum is no set of states

use metric_core::MetricCollector;

enum Charging {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    charging: Option<Charging>,
}

fn main() {}
