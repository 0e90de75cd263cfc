//! MC010: `desciption` is `description`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(desciption = "x")]
    speed: f64,
}

fn main() {}
