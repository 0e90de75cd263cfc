//! MC064: an enum attribute whose enum is no set of states

use metric_core::MetricCollector;

enum Trim {
    Standard,
    Performance,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(attribute)]
    trim: Trim,
}

fn main() {}
