//! MC010: words of other libraries

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(rename_all = "camelCase", namespace = "car", labels(vin = "5YJ3"))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
