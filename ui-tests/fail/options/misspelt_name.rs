//! MC010: `nmae` is `name`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(nmae = "x")]
    speed: f64,
}

fn main() {}
