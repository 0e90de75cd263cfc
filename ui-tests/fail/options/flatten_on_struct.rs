//! MC011: `flatten` belongs to a field

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(flatten)]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
