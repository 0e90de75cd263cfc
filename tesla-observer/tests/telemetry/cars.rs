//! What reports in these tests.

use metric_core::{MetricCollector, MetricState};
use opentelemetry::KeyValue;

#[derive(Clone, Copy, Debug, MetricState)]
pub(crate) enum Charging {
    Disconnected,
    Complete,
}

#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "chargestate", separator = "_")]
pub(crate) struct Car {
    /// State of charge shown to the driver.
    #[metric(unit = "%")]
    pub(crate) battery_level: Option<i64>,
    /// Rate of charging.
    #[metric(unit = "[mi_i]/h")]
    pub(crate) charge_rate: Option<f64>,
    /// Whether it charges.
    #[metric]
    pub(crate) charging_state: Option<Charging>,
    /// Energy added since it was made.
    #[metric(counter, unit = "kW.h")]
    pub(crate) charge_energy: Option<f64>,
}

pub(crate) fn level(level: i64) -> Car {
    Car {
        battery_level: Some(level),
        ..Car::default()
    }
}

pub(crate) fn vin(vin: impl ToString) -> Vec<KeyValue> {
    vec![KeyValue::new("vin", vin.to_string())]
}

/// A member with more series of one metric than one.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "truck", separator = "_")]
pub(crate) struct Truck {
    #[metric(flatten(key = "wheel"))]
    pub(crate) wheels: Vec<Wheel>,
}

#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "wheel", separator = "_")]
pub(crate) struct Wheel {
    /// Of the tyre.
    #[metric(unit = "bar")]
    pub(crate) pressure: f64,
}
