//! MC021: the separator comes by itself

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "car_", separator = "_")]
struct Car {
    #[metric]
    battery: f64,
}

fn main() {}
