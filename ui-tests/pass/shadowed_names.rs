//! User types with the names of the prelude and of metric-core.

#![deny(warnings, missing_docs)]

/// No option.
pub struct Option;
/// No result.
pub enum Result {
    /// No `Ok`.
    Ok,
    /// No `Err`.
    Err,
}
/// No string.
pub struct String;
/// No vector.
pub struct Vec;
/// No box.
pub struct Box;
/// No schema.
pub struct Schema;
/// No metric.
pub struct Metric;
/// No group.
pub struct Group;
/// No trait.
pub trait MetricValue {}
/// No trait.
pub trait Observer {}
/// No function.
#[allow(non_snake_case)]
pub fn Some() {}
/// No constant.
#[allow(non_upper_case_globals)]
pub const None: u8 = 0;
/// No number.
#[allow(non_camel_case_types)]
pub struct str;
/// No number.
#[allow(non_camel_case_types)]
pub struct usize;
mod core {}
mod std {}
#[allow(unused_macros)]
macro_rules! line {
    () => {
        compile_error!("not the built-in one")
    };
}
#[allow(unused_macros)]
macro_rules! file {
    () => {
        compile_error!("not the built-in one")
    };
}

/// A car.
#[derive(metric_core::MetricCollector)]
#[metric(attributes(maker = "Tesla"))]
pub struct Car {
    /// The speed.
    #[metric(unit = "km/h")]
    pub speed: f64,
    /// The distance.
    #[metric(counter, with = twice)]
    pub odometer: f64,
    /// Which one.
    #[metric(attribute)]
    pub vin: &'static ::core::primitive::str,
    /// Which version.
    #[metric(info)]
    pub version: u8,
    /// The wheels.
    #[metric(flatten(key = "wheel"))]
    pub wheels: [Wheel; 4],
    /// The spare.
    #[metric(flatten(prefix = "spare"))]
    pub spare: ::std::option::Option<Wheel>,
    /// The charger.
    #[metric]
    pub charging: Charging,
}

/// A wheel.
#[derive(metric_core::MetricCollector)]
pub struct Wheel {
    /// The pressure.
    #[metric]
    pub pressure: f64,
}

/// What the charger does.
#[derive(metric_core::MetricState)]
pub enum Charging {
    /// Not `Option::Some`.
    Some,
    /// Not `Option::None`.
    None,
}

fn twice(value: &f64) -> f64 {
    value * 2.0
}

fn main() {
    let _ = (Charging::Some, Charging::None);
}
