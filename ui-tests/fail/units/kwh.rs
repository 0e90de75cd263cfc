//! MC030: `kWh` is `kW.h`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "kWh")]
    value: f64,
}

fn main() {}
