//! MC010: `guage` is `gauge`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(guage)]
    speed: f64,
}

fn main() {}
