//! MC024: the information metric is named `info`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    info: u64,
    #[metric(info)]
    version: String,
}

fn main() {}
