//! MC065: a bound that a function does not ask for

use metric_core::{Family, MetricCollector};

#[derive(MetricCollector)]
struct Axle<W> {
    #[metric(flatten)]
    wheel: W,
}

fn family<W: Send + Sync + 'static>() -> Family<Axle<W>> {
    Family::new()
}

fn main() {}
