//! MC022: a letter does not separate

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(separator = "x")]
struct Car {
    #[metric]
    battery: f64,
}

fn main() {}
