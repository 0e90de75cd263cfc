//! MC001: an enum is no collector

use metric_core::MetricCollector;

#[derive(MetricCollector)]
enum Charging {
    Off,
    On {
        #[metric]
        power: f64,
    },
}

fn main() {}
