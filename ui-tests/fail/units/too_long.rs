//! MC030: OpenTelemetry allows 63 characters

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}")]
    value: f64,
}

fn main() {}
