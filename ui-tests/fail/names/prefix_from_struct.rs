//! MC021: the default prefix is the struct's name

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Straße {
    #[metric]
    battery: f64,
}

fn main() {}
