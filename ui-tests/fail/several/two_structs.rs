//! MC020, MC030: one mistake in each of two structs

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name = "the speed")]
    speed: f64,
}

#[derive(MetricCollector)]
struct Truck {
    #[metric(unit = "mph")]
    speed: f64,
}

fn main() {}
