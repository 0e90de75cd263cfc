//! MC030: a word for a slash

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "requests per second")]
    value: f64,
}

fn main() {}
