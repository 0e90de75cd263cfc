//! MC060, MC061, MC062, MC064, MC065, MC066: six fields whose types do not fit

use metric_core::MetricCollector;

#[derive(MetricCollector)]
struct Car {
    #[metric]
    name: String,
    #[metric(counter)]
    odometer: i64,
    #[metric(up_down_counter)]
    locked: bool,
    #[metric(attribute)]
    options: Vec<String>,
    #[metric(flatten)]
    motor: f64,
    #[metric(flatten(key = "wheel"))]
    wheels: u8,
}

fn main() {}
