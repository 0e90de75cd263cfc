//! MC021: a prefix begins with a letter

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "2nd_car")]
struct Car {
    #[metric]
    battery: f64,
}

fn main() {}
