//! MC042: a character is no text

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(class = 'S'))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
