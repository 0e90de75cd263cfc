//! MC030: `µs` is `us`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "µs")]
    value: f64,
}

fn main() {}
