//! MC016: a call is no function

use metric_core::MetricCollector;

fn scale(factor: f64) -> impl Fn(&f64) -> f64 {
    move |value| value * factor
}

#[derive(MetricCollector)]
struct Car {
    #[metric(with = scale(1000.0), unit = "m")]
    odometer: f64,
}

fn main() {}
