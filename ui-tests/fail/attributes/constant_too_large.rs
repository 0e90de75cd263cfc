//! MC042: attributes have signed 64 bits

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes(serial = 18446744073709551615))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
