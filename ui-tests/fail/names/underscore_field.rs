//! MC020: a name begins with a letter

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(prefix = "")]
struct Car {
    #[metric]
    _battery: f64,
}

fn main() {}
