//! MC061: a text is not counted

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter)]
    value: String,
}

fn main() {}
