//! MC020: a name is ASCII, and by default it is the field

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    größe: f64,
}

fn main() {}
