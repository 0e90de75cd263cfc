//! The schema in constants: array lengths, loops, assertions.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, Schema};

/// A wheel.
#[derive(MetricCollector)]
pub struct Wheel<T> {
    /// The pressure.
    #[metric(unit = "bar")]
    pub pressure: T,
}

/// A car.
#[derive(MetricCollector)]
pub struct Car {
    /// The speed.
    #[metric(unit = "km/h")]
    pub speed: f64,
    /// The wheels.
    #[metric(flatten(key = "wheel"))]
    pub wheels: [Wheel<f32>; 4],
}

const LEN: usize = Car::SCHEMA.len();

const UNITS: [&str; LEN] = {
    let mut units = [""; LEN];
    let mut i = 0;
    while i < LEN {
        if let Some(metric) = Car::SCHEMA.metric(i) {
            units[i] = metric.unit();
        }
        i += 1;
    }
    units
};

const _: () = assert!(LEN == 2 && Car::SCHEMA.groups().len() == 1);

static SCHEMA: &Schema = <Wheel<u8> as MetricCollector>::SCHEMA;

/// An array as long as the schema.
pub struct Values(pub [f64; Car::SCHEMA.len()]);

fn main() {
    assert_eq!(UNITS, ["km/h", "bar"]);
    assert_eq!(SCHEMA.type_name(), "Wheel");
    assert_eq!(Values([0.0; 2]).0.len(), LEN);
}
