//! MC060: a bound that a function does not ask for

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Reading<T> {
    #[metric]
    value: T,
}

fn observe<T: Clone>(reading: &Reading<T>) {
    metric_core::testing::observe(reading);
}

fn main() {}
