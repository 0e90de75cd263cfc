//! A private type among the bounds of a public generic.

#![deny(warnings, missing_docs)]

use metric_core::{Measurement, MetricCollector, MetricValue, Shape};

struct Celsius<T>(T);

impl<T: MetricValue> MetricValue for Celsius<T> {
    const SHAPE: Shape = T::SHAPE;

    fn measure(&self) -> Measurement {
        self.0.measure()
    }
}

/// The bound `Celsius<T>: MetricValue` names a private type.
#[derive(MetricCollector)]
pub struct Car<T> {
    #[metric]
    inside: Celsius<T>,
}

fn main() {
    metric_core::testing::observe(&Car {
        inside: Celsius(1.0),
    });
}
