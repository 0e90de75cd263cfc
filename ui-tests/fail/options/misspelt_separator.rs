//! MC010: `seperator` is `separator`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(seperator = "_")]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
