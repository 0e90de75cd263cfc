//! Newtypes that implement the traits by hand.

#![deny(warnings, missing_docs)]

use metric_core::{
    AttributeValue, CounterValue, Measurement, Metric, MetricAttribute, MetricCollector,
    MetricValue, Observer, Schema, Shape, UpDownCounterValue,
};

/// A temperature.
#[derive(Clone, Copy)]
pub struct Celsius(pub f64);

impl MetricValue for Celsius {
    const SHAPE: Shape = f64::SHAPE;
    const UNIT: &'static str = "Cel";

    fn measure(&self) -> Measurement {
        self.0.measure()
    }
}

/// Something that only grows.
pub struct Ticks(pub u64);

impl MetricValue for Ticks {
    const SHAPE: Shape = u64::SHAPE;

    fn measure(&self) -> Measurement {
        self.0.measure()
    }
}

impl CounterValue for Ticks {}
impl UpDownCounterValue for Ticks {}

/// An identity.
pub struct Vin(pub String);

impl MetricAttribute for Vin {
    fn attribute(&self) -> Option<AttributeValue<'_>> {
        self.0.attribute()
    }
}

/// A collector by hand.
pub struct Door(pub bool);

impl MetricCollector for Door {
    const SCHEMA: &'static Schema = &Schema::new("Door", file!(), line!())
        .with_metrics(&[Metric::gauge("door.open", bool::SHAPE)]);

    fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
        observer.metric(0, self.0.measure());
    }
}

/// A car.
#[derive(MetricCollector)]
pub struct Car {
    /// Inside.
    #[metric]
    pub inside: Celsius,
    /// Outside.
    #[metric(unit = "Cel")]
    pub outside: Option<Box<Celsius>>,
    /// Since it started.
    #[metric(counter)]
    pub ticks: Ticks,
    /// Up and down.
    #[metric(up_down_counter)]
    pub balance: Option<Ticks>,
    /// Which one.
    #[metric(attribute)]
    pub vin: Vin,
    /// The door.
    #[metric(flatten)]
    pub door: Door,
    /// More doors.
    #[metric(flatten(prefix = "more", key = "side"))]
    pub doors: std::collections::HashMap<u8, Door>,
}

fn main() {
    const { Car::SCHEMA.check() };
    let units: Vec<_> = Car::SCHEMA
        .entries()
        .map(|entry| entry.metric.unit())
        .collect();
    assert_eq!(units, ["Cel", "Cel", "", "", "", ""]);
}
