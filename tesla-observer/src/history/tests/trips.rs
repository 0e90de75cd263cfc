//! Drives and charging sessions, from reports as a car makes them.

use super::*;

const MINUTE: i64 = 60_000;

/// What a car says at a minute: its gear, what its charging does, and values.
fn say(place: &mut Recorder, at: i64, gear: &str, charging: &str, values: &[(&str, f64)]) {
    let mut all = vec![
        observed("drivestate_timestamp", &[], at as f64),
        observed("chargestate_timestamp", &[], at as f64),
        observed("chargestate_fast_charger_present", &[], 0.0),
    ];
    for state in ["d", "r"] {
        // A parked car names no gear.
        if !gear.is_empty() {
            let current = f64::from(u8::from(state == gear));
            all.push(observed(
                "drivestate_shift_state",
                &[("state", state)],
                current,
            ));
        }
    }
    for state in [
        "charging",
        "stopped",
        "starting",
        "disconnected",
        "complete",
    ] {
        let current = f64::from(u8::from(state == charging));
        all.push(observed(
            "chargestate_charging_state",
            &[("state", state)],
            current,
        ));
    }
    all.extend(
        values
            .iter()
            .map(|(name, value)| observed(name, &[], *value)),
    );
    let report = Report {
        vehicle: car(),
        time_ms: at,
        values: all,
    };
    place.record(&[Arc::new(report)]).expect("it is written");
}

/// A commute of 30 minutes and 20 miles that took 10 % and 5 kWh, with what is asked for in between.
fn commute(place: &Place, from: i64, silent: std::ops::Range<i64>, parked: std::ops::Range<i64>) {
    let mut recorder = place.recorder();
    for minute in 0..=31 {
        if silent.contains(&minute) {
            if minute == silent.start {
                // It was started anew.
                recorder = {
                    drop(recorder);
                    place.recorder()
                };
            }
            continue;
        }
        let gear = if minute < 30 && minute > 0 && !parked.contains(&minute) {
            "d"
        } else {
            ""
        };
        let driven = minute.min(30) as f64 / 30.0;
        say(
            &mut recorder,
            from + minute * MINUTE,
            gear,
            "disconnected",
            &[
                ("vehiclestate_odometer", 1_000.0 + 20.0 * driven),
                ("chargestate_battery_level", 60.0 - 10.0 * driven),
                ("chargestate_energy_remaining", 40.0 - 5.0 * driven),
                ("drivestate_speed", if gear.is_empty() { 0.0 } else { 40.0 }),
                ("climatestate_outside_temp", 8.0),
            ],
        );
    }
}

fn drives_in(place: &Place) -> Vec<Drive> {
    drives(&place.reader(), &car().key(), 0, i64::MAX).expect("it can be read")
}

fn charges_in(place: &Place) -> Vec<Charge> {
    charges(&place.reader(), &car().key(), 0, i64::MAX).expect("it can be read")
}

#[test]
fn a_drive_has_its_distance_energy_and_duration() {
    let place = Place::new();
    let start = 1_700_000_000_000;
    commute(&place, start, 0..0, 0..0);
    let [drive] = drives_in(&place).try_into().expect("one drive");
    assert_eq!(
        (drive.from_ms, drive.until_ms),
        (start + MINUTE, start + 30 * MINUTE)
    );
    assert_eq!((drive.goes_on, drive.seconds), (false, 29.0 * 60.0));
    let near = |value: Option<f64>, expected: f64| {
        let value = value.expect("it is known");
        assert!((value - expected).abs() < 0.01, "{value} is not {expected}");
    };
    near(drive.miles, 20.0 * 29.0 / 30.0);
    near(drive.kwh, 5.0 * 29.0 / 30.0);
    near(drive.fastest_mph, 40.0);
    near(drive.outside_celsius, 8.0);
    assert_eq!(drive.percent.map(|(_, end)| end), Some(50.0));
    // Within a time that ends amid it, it is there whole; outside, it is not there.
    let key = car().key();
    let amid = drives(&place.reader(), &key, start, start + 10 * MINUTE).expect("it can be read");
    assert_eq!(amid, [drive]);
    let after =
        drives(&place.reader(), &key, start + 40 * MINUTE, i64::MAX).expect("it can be read");
    assert_eq!(after, []);
}

#[test]
fn a_tunnel_a_restart_and_a_short_stop_do_not_end_a_drive() {
    for (silent, parked, drives) in [(10..20, 0..0, 1), (0..0, 10..12, 1), (0..0, 10..20, 2)] {
        let place = Place::new();
        commute(&place, 1_700_000_000_000, silent.clone(), parked.clone());
        assert_eq!(drives_in(&place).len(), drives, "{silent:?} {parked:?}");
    }
}

#[test]
fn without_its_figure_the_energy_is_that_of_the_range_that_was_used() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for minute in 0..=30 {
        let gear = if minute < 30 { "d" } else { "" };
        let driven = minute as f64 / 30.0;
        say(
            &mut recorder,
            minute * MINUTE,
            gear,
            "disconnected",
            &[
                ("vehiclestate_odometer", 1_000.0 + 20.0 * driven),
                // The last charge added 30 kWh and 120 rated miles: 250 Wh for each.
                ("chargestate_charge_energy_added", 30.0),
                ("chargestate_charge_miles_added_rated", 120.0),
                ("chargestate_battery_range", 200.0 - 24.0 * driven),
            ],
        );
    }
    let [drive] = drives_in(&place).try_into().expect("one drive");
    let kwh = drive.kwh.expect("it is known");
    assert!((kwh - 6.0).abs() < 1e-9, "{kwh}");
}

/// A charge of an hour with 11 kW, of which the battery takes 10, and what it does in between.
fn charge(place: &Place, paused: &[(i64, &str)]) {
    let mut recorder = place.recorder();
    let mut added = 0.0;
    for minute in 0..=62 {
        let pause = paused
            .iter()
            .rev()
            .find(|(from, _)| *from <= minute)
            .map(|(_, state)| *state);
        let state = match minute {
            0 => "disconnected",
            61.. => "complete",
            _ => pause.unwrap_or("charging"),
        };
        let power = if state == "charging" { 11.0 } else { 0.0 };
        if minute > 1 && minute <= 61 {
            added += 10.0 / 60.0;
        }
        say(
            &mut recorder,
            minute * MINUTE,
            "",
            state,
            &[
                // From before it begins again.
                (
                    "chargestate_charge_energy_added",
                    if minute == 0 { 25.0 } else { added },
                ),
                (
                    "chargestate_charge_miles_added_rated",
                    if minute == 0 { 99.0 } else { added * 4.0 },
                ),
                ("chargestate_charger_power", power),
                (
                    "chargestate_battery_level",
                    50.0 + minute.min(61) as f64 / 6.0,
                ),
            ],
        );
    }
}

#[test]
fn a_charge_has_its_energy_power_and_duration() {
    let place = Place::new();
    charge(&place, &[]);
    let [charge] = charges_in(&place).try_into().expect("one session");
    assert_eq!((charge.from_ms, charge.until_ms), (MINUTE, 61 * MINUTE));
    assert_eq!(
        (charge.seconds, charge.fast, charge.highest_kw),
        (3_600.0, Some(false), Some(11.0))
    );
    let near = |value: Option<f64>, expected: f64| {
        let value = value.expect("it is known");
        assert!((value - expected).abs() < 0.01, "{value} is not {expected}");
    };
    near(charge.added_kwh, 10.0);
    near(charge.used_kwh, 11.0);
    near(charge.miles, 40.0);
    assert_eq!(
        charge
            .percent
            .map(|(start, end)| (start.round(), end.round())),
        Some((50.0, 60.0))
    );
}

#[test]
fn a_charge_that_pauses_is_one_and_one_that_was_complete_has_ended() {
    for (paused, sessions) in [
        (&[(20, "stopped"), (30, "charging")][..], 1),
        (&[(20, "stopped"), (25, "starting"), (30, "charging")], 1),
        (&[(20, "complete"), (30, "charging")], 2),
        (&[(20, "disconnected"), (30, "charging")], 2),
    ] {
        let place = Place::new();
        charge(&place, paused);
        assert_eq!(charges_in(&place).len(), sessions, "{paused:?}");
    }
}

#[test]
fn what_was_is_not_said_to_go_on() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let now = unix_ms(std::time::SystemTime::now());
    for (start, goes_on) in [(1_700_000_000_000, false), (now - 5 * MINUTE, true)] {
        for minute in 0..5 {
            say(
                &mut recorder,
                start + minute * MINUTE,
                "d",
                "disconnected",
                &[("vehiclestate_odometer", minute as f64)],
            );
        }
        let drives = drives_in(&place);
        assert_eq!(drives.first().map(|drive| drive.goes_on), Some(goes_on));
    }
    // Nor within a window that is over.
    let old = drives(
        &place.reader(),
        &car().key(),
        0,
        1_700_000_000_000 + 2 * MINUTE,
    );
    let old = old.expect("it can be read");
    assert_eq!(
        old.iter().map(|drive| drive.goes_on).collect::<Vec<_>>(),
        [false]
    );
}

#[test]
fn what_a_car_was_like_when_it_was_awake_last_is_known_after_a_restart() {
    let place = Place::new();
    let version = |version: &str| observed("vehicle_info", &[("car_version", version)], 1.0);
    let awake = |at: i64, level: f64, software: &str| {
        let values = vec![
            observed("vehicle_state_online", &[], 1.0),
            observed("chargestate_battery_level", &[], level),
            version(software),
        ];
        Arc::new(Report {
            vehicle: car(),
            time_ms: at,
            values,
        })
    };
    place
        .recorder()
        .record(&[awake(0, 70.0, "1"), awake(MINUTE, 69.0, "1")])
        .expect("it is written");
    // Updated while the observer was down.
    place
        .recorder()
        .record(&[awake(5 * MINUTE, 60.0, "2")])
        .expect("it is written");
    // Asleep since the next start.
    let asleep = report(9 * MINUTE, &[("vehicle_state_online", 0.0)]);
    place.recorder().record(&[asleep]).expect("it is written");
    let [last] = place
        .reader()
        .last_awake()
        .expect("it can be read")
        .try_into()
        .expect("one car");
    assert_eq!(last.time_ms, 5 * MINUTE);
    assert_eq!(last.value("chargestate_battery_level"), Some(60.0));
    assert_eq!(last.info("vehicle_info", "car_version"), Some("2"));
    assert_eq!(
        last.values
            .iter()
            .filter(|own| own.metric.name == "vehicle_info")
            .count(),
        1
    );
}
