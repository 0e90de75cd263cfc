//! MC024: OpenTelemetry does not know upper from lower case

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "speed")]
    a: f64,
    #[metric(name = "Speed")]
    b: f64,
    #[metric(name = "SPEED")]
    c: f64,
}

fn main() {}
