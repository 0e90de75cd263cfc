//! MC060: a character is no number

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    value: char,
}

fn main() {}
