//! MC016: a closure has no path

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(with = |km: &f64| km * 1000.0, unit = "m")]
    odometer: f64,
}

fn main() {}
