//! MC030: `Mbps` is `Mbit/s`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "Mbps")]
    value: f64,
}

fn main() {}
