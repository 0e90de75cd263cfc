//! MC006: the metrics of a struct in itself would have no end

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Node {
    #[metric]
    size: u64,
    #[metric(flatten)]
    next: Option<Box<Node>>,
}

fn main() {}
