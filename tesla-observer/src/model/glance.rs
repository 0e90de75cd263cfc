//! What a person wants to see first of a vehicle.

use super::states::{ChargingState, ShiftState, SoftwareUpdateStatus};
use super::{ChargeState, EvMetrics};

/// What a person wants to see first of a vehicle, whatever its maker: the terminal's table shows it.
pub trait Glance {
    /// The present values, as far as they are known.
    fn glance(&self) -> AtAGlance;
}

/// What a person wants to see first of a vehicle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtAGlance {
    /// State of charge, in percent.
    pub battery_percent: Option<f64>,
    /// Range, in miles.
    pub range_miles: Option<f64>,
    /// What it does, in a word or two: `parked`, `driving`, `charging (DC)`.
    pub activity: Option<String>,
    /// Charging power, in kW; only while it charges.
    pub charging_kw: Option<f64>,
    /// Time until it is charged, in minutes; only while it charges.
    pub minutes_to_full: Option<f64>,
    /// Speed, in miles per hour.
    pub speed_mph: Option<f64>,
    /// Temperature of the cabin, in °C.
    pub inside_celsius: Option<f64>,
    /// Temperature outside, in °C.
    pub outside_celsius: Option<f64>,
    /// Odometer, in miles.
    pub odometer_miles: Option<f64>,
    /// Whether it is locked.
    pub locked: Option<bool>,
    /// Version of its software.
    pub software: Option<String>,
}

impl Glance for EvMetrics {
    fn glance(&self) -> AtAGlance {
        let charge = self.charge_state.as_ref();
        let climate = self.climate_state.as_ref();
        let charging = charge.filter(|charge| is_charging(charge));
        AtAGlance {
            battery_percent: charge.and_then(|charge| charge.battery_level),
            range_miles: charge.and_then(|charge| charge.battery_range),
            activity: self.activity().map(str::to_owned),
            charging_kw: charging.and_then(|charge| charge.charger_power),
            minutes_to_full: charging.and_then(|charge| {
                let hours = || charge.time_to_full_charge.map(|hours| hours * 60.0);
                charge.minutes_to_full_charge.or_else(hours)
            }),
            speed_mph: self.drive_state.as_ref().and_then(|drive| drive.speed),
            inside_celsius: climate.and_then(|climate| climate.inside_temp),
            outside_celsius: climate.and_then(|climate| climate.outside_temp),
            odometer_miles: self.vehicle_state.as_ref().and_then(|car| car.odometer),
            locked: self.locked(),
            software: self.info.car_version.as_deref().and_then(version),
        }
    }
}

impl EvMetrics {
    /// Whether it is locked, from whichever object tells it.
    fn locked(&self) -> Option<bool> {
        let closures = || self.closures_state.as_ref()?.locked;
        let car = self.vehicle_state.as_ref();
        car.and_then(|car| car.locked).or_else(closures)
    }

    /// What the car does: the first that holds.
    fn activity(&self) -> Option<&'static str> {
        let update = self.vehicle_state.as_ref();
        let update = update.and_then(|car| car.software_update.as_ref());
        if update.and_then(|update| update.status) == Some(SoftwareUpdateStatus::Installing) {
            return Some("updating");
        }
        let gear = self
            .drive_state
            .as_ref()
            .and_then(|drive| drive.shift_state);
        match gear {
            Some(ShiftState::D) => return Some("driving"),
            Some(ShiftState::R) => return Some("reversing"),
            Some(ShiftState::N) => return Some("in neutral"),
            Some(ShiftState::P) | None => {}
        }
        let plugged = self.charge_state.as_ref().and_then(plugged);
        // A parked car names no gear, as a rule.
        let parked = self.drive_state.as_ref().map(|_| "parked");
        plugged.or(parked)
    }
}

/// What the car does at its cable; `None` without one.
fn plugged(charge: &ChargeState) -> Option<&'static str> {
    match charge.charging_state? {
        ChargingState::Charging => Some(match charge.fast_charger_present {
            Some(true) => "charging (DC)",
            Some(false) => "charging (AC)",
            None => "charging",
        }),
        ChargingState::Starting | ChargingState::Calibrating => Some("about to charge"),
        ChargingState::Complete => Some("charged"),
        ChargingState::Stopped => Some("plugged in"),
        ChargingState::NoPower => Some("plugged in, no power"),
        ChargingState::Disconnected | ChargingState::Unknown => None,
    }
}

fn is_charging(charge: &ChargeState) -> bool {
    charge.charging_state == Some(ChargingState::Charging)
}

/// The version without the hash of its build.
fn version(text: &str) -> Option<String> {
    text.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ReadOptions, read};

    fn glance(answer: &str) -> AtAGlance {
        let reading = read(answer, ReadOptions::default()).expect("it is an object");
        assert_eq!(reading.unread, []);
        reading.metrics.glance()
    }

    #[test]
    fn what_the_car_does_is_the_first_that_holds() {
        for (answer, expected) in [
            ("{}", None),
            (r#"{"charge_state":{}}"#, None),
            (
                r#"{"charge_state":{"charging_state":"Disconnected"}}"#,
                None,
            ),
            (r#"{"drive_state":{"shift_state":null}}"#, Some("parked")),
            (r#"{"drive_state":{"shift_state":"P"}}"#, Some("parked")),
            (r#"{"drive_state":{"shift_state":"D"}}"#, Some("driving")),
            (r#"{"drive_state":{"shift_state":"R"}}"#, Some("reversing")),
            (r#"{"drive_state":{"shift_state":"N"}}"#, Some("in neutral")),
            (
                r#"{"drive_state":{},"charge_state":{"charging_state":"Disconnected"}}"#,
                Some("parked"),
            ),
            (
                r#"{"drive_state":{},"charge_state":{"charging_state":"Charging"}}"#,
                Some("charging"),
            ),
            (
                r#"{"charge_state":{"charging_state":"Charging","fast_charger_present":true}}"#,
                Some("charging (DC)"),
            ),
            (
                r#"{"charge_state":{"charging_state":"Charging","fast_charger_present":false}}"#,
                Some("charging (AC)"),
            ),
            (
                r#"{"charge_state":{"charging_state":"Starting"}}"#,
                Some("about to charge"),
            ),
            (
                r#"{"charge_state":{"charging_state":"Complete"}}"#,
                Some("charged"),
            ),
            (
                r#"{"charge_state":{"charging_state":"Stopped"}}"#,
                Some("plugged in"),
            ),
            (
                r#"{"charge_state":{"charging_state":"NoPower"}}"#,
                Some("plugged in, no power"),
            ),
            (
                r#"{"drive_state":{"shift_state":"D"},"charge_state":{"charging_state":"Stopped"}}"#,
                Some("driving"),
            ),
            (
                r#"{"vehicle_state":{"software_update":{"status":"installing"}},
                    "charge_state":{"charging_state":"Charging"}}"#,
                Some("updating"),
            ),
            (
                r#"{"vehicle_state":{"software_update":{"status":"downloading"}},"drive_state":{}}"#,
                Some("parked"),
            ),
        ] {
            assert_eq!(glance(answer).activity.as_deref(), expected, "{answer}");
        }
    }

    #[test]
    fn power_and_time_are_told_only_while_it_charges() {
        let charge = |state: &str, time: &str| {
            glance(&format!(
                r#"{{"charge_state":{{"charging_state":"{state}","charger_power":11,{time}}}}}"#
            ))
        };
        let charging = charge("Charging", r#""minutes_to_full_charge":95"#);
        assert_eq!(charging.charging_kw, Some(11.0));
        assert_eq!(charging.minutes_to_full, Some(95.0));
        let hours = charge("Charging", r#""time_to_full_charge":0.25"#);
        assert_eq!(hours.minutes_to_full, Some(15.0));
        let stopped = charge("Stopped", r#""minutes_to_full_charge":95"#);
        assert_eq!((stopped.charging_kw, stopped.minutes_to_full), (None, None));
    }

    #[test]
    fn the_lock_is_told_by_the_first_object_that_tells_it() {
        for (answer, expected) in [
            (r#"{"vehicle_state":{},"closures_state":{}}"#, None),
            (r#"{"vehicle_state":{"locked":false}}"#, Some(false)),
            (r#"{"closures_state":{"locked":false}}"#, Some(false)),
            (
                r#"{"vehicle_state":{"locked":null},"closures_state":{"locked":true}}"#,
                Some(true),
            ),
            (
                r#"{"vehicle_state":{"locked":false},"closures_state":{"locked":true}}"#,
                Some(false),
            ),
        ] {
            assert_eq!(glance(answer).locked, expected, "{answer}");
        }
    }

    #[test]
    fn the_rest_is_as_the_car_reports_it() {
        let glance = glance(include_str!("../../fixtures/model_y_2024_driving.json"));
        let expected = AtAGlance {
            battery_percent: Some(63.0),
            range_miles: Some(191.48),
            activity: Some("driving".to_owned()),
            charging_kw: None,
            minutes_to_full: None,
            speed_mph: Some(48.0),
            inside_celsius: Some(22.7),
            outside_celsius: Some(17.0),
            odometer_miles: Some(20417.336518),
            locked: Some(true),
            software: Some("2024.14.9".to_owned()),
        };
        assert_eq!(glance, expected);
    }
}
