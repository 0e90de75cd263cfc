//! MC060: a parameter whose field could not be observed

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Reading<T> {
    #[metric]
    value: Option<T>,
}

fn main() {
    Family::<Reading<String>>::new();
}
