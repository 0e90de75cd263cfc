//! MC030: `m²` is `m2`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "m²")]
    value: f64,
}

fn main() {}
