//! MC020: a name is ASCII

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "größe")]
    size: f64,
}

fn main() {}
