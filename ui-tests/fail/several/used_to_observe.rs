//! MC030: nothing else is said where the struct is used

use metric_core::MetricCollector;

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric(unit = "mph")]
    speed: f64,
}

fn main() {
    metric_core::testing::observe(&Car { speed: 3.0 });
}
