//! MC065: a parameter that is not a collector

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Axle<W> {
    #[metric(flatten)]
    wheel: W,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: Axle<u64>,
}

fn main() {}
