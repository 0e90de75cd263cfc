//! MC011: `unit` belongs to a field

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Wheel {
    #[metric]
    pressure: f64,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(unit = "bar"))]
    wheel: Wheel,
}

fn main() {}
