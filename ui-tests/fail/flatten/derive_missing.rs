//! MC065: a struct that is no collector

use metric_core::MetricCollector;

struct Wheel {
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    wheels: Wheel,
}

fn main() {}
