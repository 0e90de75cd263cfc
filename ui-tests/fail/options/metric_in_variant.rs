//! MC011: what a variant carries is not observed

use metric_core::MetricState;

#[derive(MetricState)]
enum Charging {
    Off,
    On {
        #[metric]
        power: f64,
    },
}

fn main() {}
