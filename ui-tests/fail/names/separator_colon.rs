//! MC022: OpenTelemetry has no `::`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(separator = "::")]
struct Car {
    #[metric]
    battery: f64,
}

fn main() {}
