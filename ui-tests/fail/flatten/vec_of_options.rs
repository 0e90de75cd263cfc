//! MC065: of `None` in a list nothing is known

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten(key = "wheel"))]
    wheels: Vec<Option<f64>>,
}

fn main() {}
