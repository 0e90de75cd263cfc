//! MC026: two states of one name

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    Off,
    #[metric(name = "off")]
    Disconnected,
}

fn main() {}
