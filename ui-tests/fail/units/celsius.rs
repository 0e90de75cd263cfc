//! MC030: `celsius` is `Cel`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "celsius")]
    value: f64,
}

fn main() {}
