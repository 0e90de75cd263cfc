//! MC030: `psi` is `[psi]`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "psi")]
    value: f64,
}

fn main() {}
