//! MC024: `r#type` is named `type`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    r#type: u64,
    #[metric(name = "type")]
    kind: u64,
}

fn main() {}
