//! MC050: a metric has one kind

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(gauge, counter)]
    value: f64,
}

fn main() {}
