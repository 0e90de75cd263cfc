//! MC030: no spaces in a unit

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "kW h")]
    value: f64,
}

fn main() {}
