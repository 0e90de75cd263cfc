//! MC005: a tuple field has no name of its own

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Position(
    #[metric(unit = "deg")] f64,
    #[metric(name = "longitude")] f64,
);

fn main() {}
