//! MC003: states are variants, and a union has none

use metric_core::MetricState;

#[derive(MetricState)]
union Bits {
    float: f32,
    integer: u32,
}

fn main() {}
