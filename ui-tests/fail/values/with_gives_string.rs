//! MC060: what `with` gives is no number

use metric_core::MetricCollector;

fn text(value: &u64) -> String {
    value.to_string()
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = text)]
    value: u64,
}

fn main() {}
