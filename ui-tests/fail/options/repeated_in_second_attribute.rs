//! MC012: an option twice, in two `#[metric]`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(counter, unit = "m")]
    #[metric(counter)]
    odometer: f64,
}

fn main() {}
