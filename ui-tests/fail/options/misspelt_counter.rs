//! MC010: `conter` is `counter`

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric(conter)]
    speed: f64,
}

fn main() {}
