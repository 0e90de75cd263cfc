//! MC003: nothing else is said where the struct is used

use metric_core::{Family, MetricCollector, MetricState};

#[derive(MetricState)]
struct Charging {
    on: bool,
}

#[derive(MetricCollector)]
struct Car {
    #[metric]
    charging: Charging,
}

fn main() {
    Family::<Car>::new();
}
