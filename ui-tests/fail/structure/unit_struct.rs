//! MC002: a unit struct has nothing to observe

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car;

fn main() {}
