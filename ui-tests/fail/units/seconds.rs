//! MC030: `seconds` is `s`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "seconds")]
    value: f64,
}

fn main() {}
