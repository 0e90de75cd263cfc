//! MC010: `flaten` is `flatten`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(flaten)]
    speed: f64,
}

fn main() {}
