//! MC020: no space in a name

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "battery level")]
    battery: f64,
}

fn main() {}
