//! MC030: `kB` is the kilobel

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "kB")]
    value: f64,
}

fn main() {}
