//! Traits in scope whose methods have the names of metric-core's.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// Methods on everything.
pub trait Methods {
    /// One of them.
    fn measure(&self) {}
    /// One of them.
    fn attribute(&self) {}
    /// One of them.
    fn observe(&self) {}
    /// One of them.
    fn each(&self) {}
    /// One of them.
    fn metric(&self) {}
    /// One of them.
    fn enter(&self) {}
    /// One of them.
    fn exit(&self) {}
    /// One of them.
    fn state_index(&self) {}
}

impl<T: ?Sized> Methods for T {}

/// A car, with methods of the same names.
#[derive(MetricCollector)]
#[metric(attributes(maker = "Tesla"))]
pub struct Car {
    /// The speed.
    #[metric]
    pub speed: f64,
    /// Which one.
    #[metric(attribute)]
    pub vin: String,
    /// Which version.
    #[metric(info)]
    pub version: String,
    /// The wheels.
    #[metric(flatten(key = "wheel"))]
    pub wheels: Vec<Wheel>,
    /// The spare.
    #[metric(flatten(prefix = "spare"))]
    pub spare: Wheel,
}

/// A wheel.
#[derive(MetricCollector)]
pub struct Wheel {
    /// What it does.
    #[metric]
    pub state: Turning,
}

/// What a wheel does.
#[derive(MetricState)]
pub enum Turning {
    /// It turns.
    On,
}

impl Car {
    /// The same name as the trait's constant and method.
    pub const SCHEMA: u8 = 0;
    /// The same name.
    pub fn observe(&self) {}
}

impl Turning {
    /// The same name as the trait's constant and method.
    pub const STATES: u8 = 0;
    /// The same name.
    pub fn state_index(&self) {}
}

fn main() {
    assert_eq!(<Car as MetricCollector>::SCHEMA.len(), 4);
    let _ = Turning::On;
}
