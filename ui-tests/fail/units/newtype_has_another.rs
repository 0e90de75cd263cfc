//! MC067: a newtype with a unit of its own

use metric_core::{Measurement, MetricCollector, MetricValue, Shape};

struct Celsius(f64);

impl MetricValue for Celsius {
    const SHAPE: Shape = f64::SHAPE;
    const UNIT: &'static str = "Cel";

    fn measure(&self) -> Measurement {
        self.0.measure()
    }
}

#[derive(MetricCollector)]
struct Car {
    #[metric(unit = "K")]
    inside: Celsius,
}

fn main() {}
