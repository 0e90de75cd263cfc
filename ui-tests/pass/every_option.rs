//! Every option, each form.

#![deny(warnings)]
#![allow(dead_code)]

use metric_core::MetricCollector;

/// What a car reports.
#[derive(MetricCollector)]
#[metric(
    prefix = "vehicle",
    separator = "_",
    attributes(maker = "Tesla", year = 2018, electric = true, factor = -0.5, car.kind = "sedan", "any key" = -1),
    crate = "metric_core",
)]
pub struct Car {
    /// The speed.
    #[metric]
    pub speed: f64,
    #[metric(
        name = "distance",
        unit = "[mi_i]",
        description = "How far it went.",
        counter
    )]
    odometer: f64,
    #[metric(gauge, unit = "Cel")]
    inside: Option<f32>,
    #[metric(up_down_counter, unit = "{passenger}")]
    passengers: i32,
    #[metric(with = metres, unit = "m")]
    height: f64,
    #[metric(counter, with = len, name = "errors", unit = "{error}")]
    log: Vec<String>,
    #[metric(attribute)]
    vin: String,
    #[metric(attribute = "car.color")]
    color: Option<&'static str>,
    #[metric(info)]
    firmware: String,
    #[metric(info = "hw")]
    hardware: u8,
    #[metric(flatten)]
    battery: Battery,
    #[metric(flatten())]
    charger: Charger,
    #[metric(flatten(prefix = "rear"))]
    motor: Motor,
    #[metric(flatten(key = "wheel"))]
    wheels: Vec<Wheel>,
    #[metric(flatten(prefix = "spare", key = "place"))]
    spares: [Wheel; 2],
    #[metric()]
    doors: u8,
    #[metric(unit = "kW")]
    #[metric(name = "power")]
    power_in_two_attributes: f64,
    unobserved: std::cell::Cell<*const u8>,
}

fn metres(centimetres: &f64) -> f64 {
    centimetres / 100.0
}

fn len(log: &Vec<String>) -> Option<usize> {
    Some(log.len())
}

macro_rules! parts {
    ($($part:ident)*) => {$(
        #[derive(MetricCollector)]
        struct $part {
            #[metric]
            value: f64,
        }
    )*};
}

parts!(Battery Charger Motor Wheel);

fn main() {
    let schema = Car::SCHEMA;
    assert_eq!(schema.len(), 14);
    assert!(
        schema
            .entries()
            .any(|entry| entry.name == "vehicle_distance")
    );
    assert!(
        schema
            .entries()
            .any(|entry| entry.name == "rear_motor.value")
    );
}
