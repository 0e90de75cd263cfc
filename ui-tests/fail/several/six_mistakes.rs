//! MC010, MC012, MC020, MC022, MC030, MC050: six mistakes, all at once

use metric_core::MetricCollector;

#[derive(MetricCollector)]
#[metric(separator = ":")]
struct Car {
    #[metric(desciption = "How fast.")]
    speed: f64,
    #[metric(unit = "km", unit = "m")]
    odometer: f64,
    #[metric(name = "battery level")]
    battery: f64,
    #[metric(unit = "°C")]
    inside: f64,
    #[metric(gauge, counter)]
    charged: f64,
}

fn main() {}
