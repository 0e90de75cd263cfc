//! MC004: an enum without variants has no states

use metric_core::MetricState;

#[derive(MetricState)]
enum Never {}

fn main() {}
