//! What the schedule needs of a reading: what the vehicle does, and what keeps it awake.

use super::states::{ChargingState, ClimateKeeperMode, ShiftState, SoftwareUpdateStatus};
use super::{ClimateState, EvMetrics, VehicleState};

/// What the schedule needs of a reading, whatever the vehicle's maker.
pub trait Watched {
    /// What it does, and what keeps it awake.
    fn condition(&self) -> Condition;
}

/// What the schedule needs of a reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// What it does.
    pub doing: Doing,
    /// What keeps it awake while it does nothing: the first of several.
    pub blocker: Option<Blocker>,
    /// When it reported that, by its own clock, in ms since the Unix epoch.
    pub timestamp_ms: Option<i64>,
    /// Odometer, in miles.
    pub odometer_miles: Option<f64>,
    /// State of charge, in percent.
    pub battery_percent: Option<f64>,
    /// Range, in miles.
    pub range_miles: Option<f64>,
    /// Version of its software.
    pub software: Option<String>,
}

/// What a vehicle does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Doing {
    /// It stands.
    #[default]
    Idle,
    /// A gear is selected, or it moves.
    Driving,
    /// It charges, or is about to.
    Charging {
        /// The charger's power, in kW.
        kw: Option<f64>,
    },
    /// New software is being installed.
    Updating,
}

/// What keeps a vehicle awake though it does nothing: it would not fall asleep if it were left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blocker {
    /// Somebody is in it.
    UserPresent,
    /// It is heated or cooled before a drive.
    Preconditioning,
    /// The climate stays on for a dog, for camping, or because somebody wanted it.
    ClimateKeeper,
    /// Heating or cooling is on.
    Climate,
    /// The cabin is kept from getting hot, now.
    OverheatProtection,
    /// It watches its surroundings.
    Sentry,
    /// A door is open.
    Door,
    /// A trunk is open.
    Trunk,
    /// New software is being loaded.
    Downloading,
    /// It waits, awake, to be summoned.
    Summon,
    /// Something takes power from the battery.
    Power,
}

impl Blocker {
    /// The blocker in words, for the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserPresent => "somebody is in it",
            Self::Preconditioning => "preconditioning",
            Self::ClimateKeeper => "climate keeper",
            Self::Climate => "climate",
            Self::OverheatProtection => "cabin overheat protection",
            Self::Sentry => "sentry mode",
            Self::Door => "an open door",
            Self::Trunk => "an open trunk",
            Self::Downloading => "a download",
            Self::Summon => "summon standby",
            Self::Power => "power is drawn",
        }
    }
}

impl Watched for EvMetrics {
    fn condition(&self) -> Condition {
        let charge = self.charge_state.as_ref();
        let car = self.vehicle_state.as_ref();
        let reported = [
            charge.and_then(|state| state.timestamp),
            self.drive_state.as_ref().and_then(|state| state.timestamp),
            self.climate_state
                .as_ref()
                .and_then(|state| state.timestamp),
            car.and_then(|state| state.timestamp),
        ];
        Condition {
            doing: self.doing(),
            blocker: self.blocker(),
            timestamp_ms: reported.into_iter().flatten().max(),
            odometer_miles: car.and_then(|car| car.odometer),
            battery_percent: charge.and_then(|charge| charge.battery_level),
            range_miles: charge.and_then(|charge| charge.battery_range),
            software: self.info.car_version.clone(),
        }
    }
}

impl EvMetrics {
    fn update_status(&self) -> Option<SoftwareUpdateStatus> {
        let car = self.vehicle_state.as_ref()?;
        car.software_update.as_ref()?.status
    }

    fn doing(&self) -> Doing {
        if self.update_status() == Some(SoftwareUpdateStatus::Installing) {
            return Doing::Updating;
        }
        let drive = self.drive_state.as_ref();
        let gear = drive.and_then(|drive| drive.shift_state);
        let moves = drive
            .and_then(|drive| drive.speed)
            .is_some_and(|speed| speed > 0.0);
        if moves || matches!(gear, Some(ShiftState::D | ShiftState::N | ShiftState::R)) {
            return Doing::Driving;
        }
        let charge = self.charge_state.as_ref();
        match charge.and_then(|charge| charge.charging_state) {
            Some(
                ChargingState::Charging | ChargingState::Starting | ChargingState::Calibrating,
            ) => Doing::Charging {
                kw: charge.and_then(|charge| charge.charger_power),
            },
            _ => Doing::Idle,
        }
    }

    fn blocker(&self) -> Option<Blocker> {
        let car = self.vehicle_state.as_ref();
        let closures = self.closures_state.as_ref();
        // Newer firmware tells it in an object of its own too.
        let either = |of_car: fn(&VehicleState) -> Option<bool>, of_closures: Option<bool>| {
            car.and_then(of_car) == Some(true) || of_closures == Some(true)
        };
        let is_open = |opening: Option<i64>| opening.is_some_and(|opening| opening != 0);
        let doors = car.map(|car| [car.df, car.dr, car.pf, car.pr]);
        let doors_too = closures.map(|own| [own.df, own.dr, own.pf, own.pr]);
        let trunks = car.map(|car| [car.ft, car.rt]);
        let trunks_too = closures.map(|own| [own.ft, own.rt]);
        let power = self.drive_state.as_ref().and_then(|drive| drive.power);
        let climate = self.climate_state.as_ref().and_then(ClimateState::blocker);
        if either(
            |car| car.is_user_present,
            closures.and_then(|own| own.is_user_present),
        ) {
            return Some(Blocker::UserPresent);
        }
        if climate.is_some() {
            return climate;
        }
        if either(
            |car| car.sentry_mode,
            closures.and_then(|own| own.sentry_mode),
        ) {
            return Some(Blocker::Sentry);
        }
        if doors.into_iter().chain(doors_too).flatten().any(is_open) {
            return Some(Blocker::Door);
        }
        if trunks.into_iter().chain(trunks_too).flatten().any(is_open) {
            return Some(Blocker::Trunk);
        }
        if self.update_status() == Some(SoftwareUpdateStatus::Downloading) {
            return Some(Blocker::Downloading);
        }
        if car.and_then(|car| car.summon_standby_mode_enabled) == Some(true) {
            return Some(Blocker::Summon);
        }
        power
            .is_some_and(|power| power > 0.0)
            .then_some(Blocker::Power)
    }
}

impl ClimateState {
    fn blocker(&self) -> Option<Blocker> {
        let keeper = matches!(
            self.climate_keeper_mode,
            Some(ClimateKeeperMode::Keep | ClimateKeeperMode::Dog | ClimateKeeperMode::Camp)
        );
        // That overheat protection is allowed keeps no car awake: nearly all have it allowed for
        // ever. That it cools does.
        let cools = self.cabin_overheat_protection_actively_cooling == Some(true);
        [
            (
                self.is_preconditioning == Some(true),
                Blocker::Preconditioning,
            ),
            (keeper, Blocker::ClimateKeeper),
            (cools, Blocker::OverheatProtection),
            (self.is_climate_on == Some(true), Blocker::Climate),
        ]
        .into_iter()
        .find_map(|(holds, blocker)| holds.then_some(blocker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ReadOptions, read};

    fn condition(answer: &str) -> Condition {
        let reading = read(answer, ReadOptions::default()).expect("it is an object");
        assert_eq!(reading.unread, []);
        reading.metrics.condition()
    }

    #[test]
    fn what_it_does_is_the_first_that_holds() {
        let charging = |kw| Doing::Charging { kw };
        for (answer, expected) in [
            ("{}", Doing::Idle),
            (r#"{"drive_state":{"shift_state":"P"}}"#, Doing::Idle),
            (r#"{"drive_state":{"shift_state":"R"}}"#, Doing::Driving),
            (
                r#"{"drive_state":{"shift_state":null,"speed":3}}"#,
                Doing::Driving,
            ),
            (
                r#"{"charge_state":{"charging_state":"Charging","charger_power":11}}"#,
                charging(Some(11.0)),
            ),
            (
                r#"{"charge_state":{"charging_state":"Starting"}}"#,
                charging(None),
            ),
            (
                r#"{"charge_state":{"charging_state":"Complete"}}"#,
                Doing::Idle,
            ),
            (
                r#"{"charge_state":{"charging_state":"Charging"},
                    "vehicle_state":{"software_update":{"status":"installing"}}}"#,
                Doing::Updating,
            ),
        ] {
            assert_eq!(condition(answer).doing, expected, "{answer}");
        }
    }

    #[test]
    fn each_of_the_known_blockers_is_found_in_either_object() {
        for (answer, expected) in [
            (
                r#"{"vehicle_state":{"is_user_present":true}}"#,
                Blocker::UserPresent,
            ),
            (
                r#"{"closures_state":{"is_user_present":true}}"#,
                Blocker::UserPresent,
            ),
            (
                r#"{"climate_state":{"is_preconditioning":true}}"#,
                Blocker::Preconditioning,
            ),
            (
                r#"{"climate_state":{"is_climate_on":true}}"#,
                Blocker::Climate,
            ),
            (
                r#"{"climate_state":{"climate_keeper_mode":"dog"}}"#,
                Blocker::ClimateKeeper,
            ),
            (
                r#"{"climate_state":{"climate_keeper_mode":"party"}}"#,
                Blocker::ClimateKeeper,
            ),
            (
                r#"{"climate_state":{"climate_keeper_mode":"on"}}"#,
                Blocker::ClimateKeeper,
            ),
            (
                r#"{"climate_state":{"cabin_overheat_protection_actively_cooling":true}}"#,
                Blocker::OverheatProtection,
            ),
            (r#"{"vehicle_state":{"sentry_mode":true}}"#, Blocker::Sentry),
            (
                r#"{"closures_state":{"sentry_mode":true}}"#,
                Blocker::Sentry,
            ),
            (r#"{"vehicle_state":{"pr":1}}"#, Blocker::Door),
            (r#"{"closures_state":{"df":1}}"#, Blocker::Door),
            (r#"{"vehicle_state":{"ft":16}}"#, Blocker::Trunk),
            (r#"{"closures_state":{"rt":127}}"#, Blocker::Trunk),
            (
                r#"{"vehicle_state":{"software_update":{"status":"downloading","download_perc":40}}}"#,
                Blocker::Downloading,
            ),
            (
                r#"{"vehicle_state":{"summon_standby_mode_enabled":true}}"#,
                Blocker::Summon,
            ),
            (r#"{"drive_state":{"power":1}}"#, Blocker::Power),
        ] {
            assert_eq!(condition(answer).blocker, Some(expected), "{answer}");
        }
    }

    #[test]
    fn what_is_only_allowed_or_open_to_the_air_keeps_no_car_awake() {
        for answer in [
            "{}",
            r#"{"climate_state":{"cabin_overheat_protection":"On","climate_keeper_mode":"off",
                "is_climate_on":false}}"#,
            r#"{"vehicle_state":{"fd_window":1,"df":0,"sentry_mode":false,
                "sentry_mode_available":true,"software_update":{"status":"available"}}}"#,
            r#"{"vehicle_state":{"software_update":{"status":"downloading_wifi_wait"}}}"#,
            r#"{"drive_state":{"power":0}}"#,
            r#"{"drive_state":{"power":-3}}"#,
        ] {
            assert_eq!(condition(answer).blocker, None, "{answer}");
        }
    }

    #[test]
    fn the_latest_of_the_objects_times_is_the_readings() {
        let answer = r#"{"charge_state":{"timestamp":5,"battery_level":60,"battery_range":200.5},
            "drive_state":{"timestamp":7},"climate_state":{"timestamp":6},
            "vehicle_state":{"timestamp":4,"odometer":1000.25,"car_version":"2026.1 abc"}}"#;
        let expected = Condition {
            timestamp_ms: Some(7),
            odometer_miles: Some(1000.25),
            battery_percent: Some(60.0),
            range_miles: Some(200.5),
            software: Some("2026.1 abc".to_owned()),
            ..Condition::default()
        };
        assert_eq!(condition(answer), expected);
    }
}
