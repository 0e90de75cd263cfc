//! MC060: a parameter that is bound by nothing

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Reading<T> {
    #[metric]
    value: Option<T>,
}

#[derive(MetricCollector)]
struct Car {
    #[metric(flatten)]
    value: Reading<String>,
}

fn main() {}
