//! MC020: a colon is Prometheus' own

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "battery:level")]
    battery: f64,
}

fn main() {}
