//! MC011: `unit` belongs to a field

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    Off,
    #[metric(unit = "kW")]
    On,
}

fn main() {}
