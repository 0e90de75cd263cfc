//! MC003: states are variants, and a struct has none

use metric_core::MetricState;

#[derive(MetricState)]
struct Charging {
    on: bool,
}

fn main() {}
