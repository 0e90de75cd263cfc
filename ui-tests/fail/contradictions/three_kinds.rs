//! MC050: a metric has one kind

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    speed: f64,
    #[metric(gauge, counter, up_down_counter)]
    value: f64,
}

fn main() {}
