//! MC013: nothing behind `=`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(name =, unit = "m")]
    odometer: f64,
}

fn main() {}
