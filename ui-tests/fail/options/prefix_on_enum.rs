//! MC011: `prefix` belongs to a struct of metrics

use metric_core::MetricState;

#[derive(MetricState)]
#[metric(prefix = "charging")]
enum Charging {
    Off,
    On,
}

fn main() {}
