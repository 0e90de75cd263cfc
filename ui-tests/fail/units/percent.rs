//! MC030: `percent` is `%`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "percent")]
    value: f64,
}

fn main() {}
