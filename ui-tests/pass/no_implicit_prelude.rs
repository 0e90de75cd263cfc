//! Without the prelude.

#![no_implicit_prelude]
#![deny(warnings, missing_docs)]

/// A car.
#[derive(::metric_core::MetricCollector)]
#[metric(attributes(maker = "Tesla"))]
pub struct Car {
    /// The speed.
    #[metric]
    pub speed: ::std::option::Option<f64>,
    /// The distance.
    #[metric(counter, with = twice)]
    pub odometer: f64,
    /// The balance.
    #[metric(up_down_counter, unit = "{coin}")]
    pub balance: i64,
    /// Which one.
    #[metric(attribute)]
    pub vin: ::std::string::String,
    /// Which version.
    #[metric(info)]
    pub version: u8,
    /// The charger.
    #[metric]
    pub charging: Charging,
    /// The wheels.
    #[metric(flatten(key = "wheel"))]
    pub wheels: ::std::vec::Vec<Wheel<u8>>,
    /// The spare.
    #[metric(flatten(prefix = "spare"))]
    pub spare: Wheel<u8>,
    /// One more.
    #[metric(flatten(prefix = "more"))]
    pub more: Wheel<u16>,
}

/// A wheel.
#[derive(::metric_core::MetricCollector)]
pub struct Wheel<T> {
    /// The pressure.
    #[metric]
    pub pressure: T,
}

/// What the charger does.
#[derive(::metric_core::MetricState)]
pub enum Charging {
    /// Nothing.
    Off,
    /// Something.
    On,
}

fn twice(value: &f64) -> f64 {
    value * 2.0
}

fn main() {
    let _ = Charging::Off;
    let _ = Charging::On;
}
