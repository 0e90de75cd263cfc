//! MC040: a key with a line break

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(attributes("the\nvin" = "5YJ3"))]
struct Car {
    #[metric]
    speed: f64,
}

fn main() {}
