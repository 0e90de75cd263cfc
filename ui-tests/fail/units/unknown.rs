//! MC030: nobody knows this unit

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "§§")]
    value: f64,
}

fn main() {}
