//! MC030: a brace is not closed

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "{request/s")]
    value: f64,
}

fn main() {}
