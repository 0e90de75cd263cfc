//! MC016: the path of a function is not quoted

use metric_core::MetricCollector;

fn metres(km: &f64) -> f64 {
    km * 1000.0
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = "metres", unit = "m")]
    odometer: f64,
}

fn main() {}
