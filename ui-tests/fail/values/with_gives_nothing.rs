//! MC060: what `with` gives is no number

use metric_core::MetricCollector;

fn look(_: &u64) {}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = look)]
    value: u64,
}

fn main() {}
