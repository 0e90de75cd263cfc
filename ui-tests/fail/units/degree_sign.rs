//! MC030: `°C` is `Cel`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "°C")]
    value: f64,
}

fn main() {}
