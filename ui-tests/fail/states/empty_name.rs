//! MC025: a state without a name

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    #[metric(name = "")]
    Off,
    #[metric(name = "  ")]
    On,
}

fn main() {}
