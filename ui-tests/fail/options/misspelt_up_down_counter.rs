//! MC010: `updown_counter` is `up_down_counter`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(updown_counter)]
    speed: f64,
}

fn main() {}
