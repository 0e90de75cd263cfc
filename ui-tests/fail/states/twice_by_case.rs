//! MC026: two states of one name but for the case

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    #[metric(name = "DC")]
    Fast,
    #[metric(name = "dc")]
    Direct,
}

fn main() {}
