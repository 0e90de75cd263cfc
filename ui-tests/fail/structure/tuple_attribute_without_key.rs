//! MC005: a tuple field has no name to be a key

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car(
    #[metric(name = "speed")] f64,
    #[metric(attribute)] String,
    #[metric(info)] String,
);

fn main() {}
