//! MC001: of a union nobody knows which field is valid

use metric_core::MetricCollector;

#[derive(MetricCollector)]
union Bits {
    #[metric]
    float: f32,
    integer: u32,
}

fn main() {}
