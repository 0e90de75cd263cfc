//! MC030: nothing else is said where the schema is used

use metric_core::MetricCollector;

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric(unit = "mph")]
    speed: f64,
}

fn main() {
    const LEN: usize = Car::SCHEMA.len();
    const { assert!(LEN == 1) };
}
