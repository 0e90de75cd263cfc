//! MC030: `celcius` is a slip of `celsius`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "celcius")]
    value: f64,
}

fn main() {}
