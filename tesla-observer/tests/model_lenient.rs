//! What is wrong with one field costs that field only, is told, and harms nothing.

use metric_core::testing::{Points, observe};
use tesla_observer::model::states::{ChargingState, DashcamState, DefrostMode};
use tesla_observer::model::{ChargeState, ReadOptions, Reading, UnreadReason, read};

use UnreadReason::{OutOfRange, UnknownState, WrongType};

fn reading(answer: &str) -> Reading {
    read(
        answer,
        ReadOptions {
            private_texts: true,
            ..ReadOptions::default()
        },
    )
    .expect("it is an object")
}

/// The charge state of an answer with this one field and a good sibling, and why the field is unread.
fn charge(key: &str, value: &str) -> (ChargeState, Option<UnreadReason>) {
    let answer = format!(r#"{{"charge_state":{{"{key}":{value},"charge_limit_soc":81}}}}"#);
    let reading = reading(&answer);
    let charge = reading.metrics.charge_state.expect("the object is there");
    assert_eq!(
        charge.charge_limit_soc,
        Some(81.0),
        "the sibling of {key} = {value}"
    );
    assert!(reading.unread.len() <= 1, "{:?}", reading.unread);
    let unread = reading.unread.into_iter().next();
    if let Some(unread) = &unread {
        assert_eq!(unread.field, format!("charge_state.{key}"));
    }
    (charge, unread.map(|unread| unread.reason))
}

#[test]
fn a_quantity_is_read_however_it_is_written() {
    for (value, expected) in [
        ("72", Ok(Some(72.0))),
        ("71.5", Ok(Some(71.5))),
        ("-0.0", Ok(Some(0.0))),
        ("7.2e1", Ok(Some(72.0))),
        (r#""12.5""#, Ok(Some(12.5))),
        (r#"" 7 ""#, Ok(Some(7.0))),
        (r#""\u0037""#, Ok(Some(7.0))),
        ("null", Ok(None)),
        (r#""""#, Ok(None)),
        (r#"" \t ""#, Ok(None)),
        (r#""<invalid>""#, Ok(None)),
        (r#""<INVALID>""#, Ok(None)),
        ("true", Err(WrongType)),
        (r#""seven""#, Err(WrongType)),
        (r#""7 %""#, Err(WrongType)),
        ("[7]", Err(WrongType)),
        (r#"{"value":7}"#, Err(WrongType)),
        (r#""\ud800""#, Err(WrongType)),
        ("1e999", Err(OutOfRange)),
        ("-1e999", Err(OutOfRange)),
        (r#""NaN""#, Err(OutOfRange)),
        (r#""Infinity""#, Err(OutOfRange)),
    ] {
        let (charge, reason) = charge("battery_level", value);
        assert_eq!(
            reason.map_or(Ok(charge.battery_level), Err),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_whole_number_is_read_however_it_is_written() {
    for (value, expected) in [
        ("3", Ok(Some(3))),
        ("3.0", Ok(Some(3))),
        ("3e0", Ok(Some(3))),
        (r#""3""#, Ok(Some(3))),
        (r#""3.0 ""#, Ok(Some(3))),
        ("true", Ok(Some(1))),
        ("false", Ok(Some(0))),
        ("9223372036854775807", Ok(Some(i64::MAX))),
        ("-9223372036854775808", Ok(Some(i64::MIN))),
        ("null", Ok(None)),
        (r#""<invalid>""#, Ok(None)),
        ("9223372036854775808", Err(OutOfRange)),
        ("-9.3e18", Err(OutOfRange)),
        ("1e999", Err(OutOfRange)),
        ("3.5", Err(WrongType)),
        (r#""three""#, Err(WrongType)),
        ("{}", Err(WrongType)),
    ] {
        let (charge, reason) = charge("charger_phases", value);
        assert_eq!(
            reason.map_or(Ok(charge.charger_phases), Err),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_truth_is_read_however_it_is_written() {
    for (value, expected) in [
        ("true", Ok(Some(true))),
        ("false", Ok(Some(false))),
        ("1", Ok(Some(true))),
        ("0", Ok(Some(false))),
        ("0.0", Ok(Some(false))),
        ("3", Ok(Some(true))),
        (r#""true""#, Ok(Some(true))),
        (r#"" False""#, Ok(Some(false))),
        (r#""0""#, Ok(Some(false))),
        ("null", Ok(None)),
        (r#""""#, Ok(None)),
        (r#""perhaps""#, Err(WrongType)),
        ("[]", Err(WrongType)),
        ("1e999", Err(OutOfRange)),
    ] {
        let (charge, reason) = charge("trip_charging", value);
        assert_eq!(
            reason.map_or(Ok(charge.trip_charging), Err),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_state_is_recognised_and_an_unknown_one_is_told() {
    for (value, expected) in [
        (r#""Charging""#, Ok(Some(ChargingState::Charging))),
        (r#""charging""#, Ok(Some(ChargingState::Charging))),
        (r#""no_power""#, Ok(Some(ChargingState::NoPower))),
        (r#"" ""#, Ok(None)),
        (r#""<invalid>""#, Ok(None)),
        ("null", Ok(None)),
        (r#""Levitating""#, Err(UnknownState)),
        ("17", Err(UnknownState)),
        ("1e999", Err(UnknownState)),
        ("true", Err(WrongType)),
        ("{}", Err(WrongType)),
    ] {
        let (charge, reason) = charge("charging_state", value);
        assert_eq!(
            reason.map_or(Ok(charge.charging_state), Err),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_state_that_is_a_number_is_read_however_it_is_written() {
    for (value, expected) in [
        ("2", Some(DefrostMode::Max)),
        ("2.0", Some(DefrostMode::Max)),
        (r#""2""#, Some(DefrostMode::Max)),
        (r#""Max""#, Some(DefrostMode::Max)),
        ("0", Some(DefrostMode::Off)),
        ("5", None),
    ] {
        let reading = reading(&format!(
            r#"{{"climate_state":{{"defrost_mode":{value}}}}}"#
        ));
        let climate = reading.metrics.climate_state.expect("the object is there");
        assert_eq!(climate.defrost_mode, expected, "{value}");
        assert_eq!(reading.unread.is_empty(), expected.is_some(), "{value}");
    }
}

#[test]
fn a_text_is_read_and_kept_short_and_harmless() {
    let brand = |value: &str| {
        let (charge, reason) = charge("fast_charger_brand", value);
        reason.map_or(Ok(charge.fast_charger_brand), Err)
    };
    assert_eq!(brand(r#"" Tesla ""#), Ok(Some("Tesla".to_owned())));
    assert_eq!(brand("50"), Ok(Some("50".to_owned())));
    assert_eq!(
        brand(r#""a\u001b[2Jb""#),
        Ok(Some("a\u{fffd}[2Jb".to_owned()))
    );
    assert_eq!(brand(r#""<invalid>""#), Ok(None));
    assert_eq!(brand("false"), Err(WrongType));
    assert_eq!(brand(r#""\udc00""#), Err(WrongType));
    assert_eq!(
        brand(&format!(r#""{}""#, "ü".repeat(256))),
        Ok(Some("ü".repeat(256)))
    );
    assert_eq!(brand(&format!(r#""{}""#, "ü".repeat(257))), Err(WrongType));
    assert_eq!(
        brand(&format!(r#""{}""#, "x".repeat(1_000_000))),
        Err(WrongType)
    );
}

#[test]
fn a_sub_state_that_is_no_object_costs_itself_only() {
    for value in ["7", r#""asleep""#, "[]", "true"] {
        let answer = format!(r#"{{"drive_state":{value},"charge_state":{{"battery_level":72}}}}"#);
        let reading = reading(&answer);
        assert!(reading.metrics.drive_state.is_none(), "{value}");
        let charge = reading.metrics.charge_state.expect("the object is there");
        assert_eq!(charge.battery_level, Some(72.0));
        assert_eq!(reading.unread.len(), 1);
        assert_eq!(reading.unread[0].field, "drive_state");
        assert_eq!(reading.unread[0].reason, WrongType);
    }
}

#[test]
fn a_part_that_is_no_object_costs_itself_only() {
    let reading = reading(
        r#"{"vehicle_state":{"software_update":"none","odometer":5.5,"dashcam_state":"Available",
            "speed_limit_mode":{"active":true}}}"#,
    );
    let car = reading.metrics.vehicle_state.expect("the object is there");
    assert!(car.software_update.is_none());
    assert_eq!(car.odometer, Some(5.5));
    assert_eq!(car.dashcam_state, Some(DashcamState::Available));
    assert_eq!(
        car.speed_limit_mode.expect("the object is there").active,
        Some(true)
    );
    assert_eq!(reading.unread.len(), 1);
    assert_eq!(reading.unread[0].field, "vehicle_state.software_update");
}

#[test]
fn of_several_fields_of_one_name_the_last_counts() {
    let (state, reason) = charge("battery_level", r#"[],"battery_level":5,"battery_level":6"#);
    assert_eq!((state.battery_level, reason), (Some(6.0), None));
    let (state, _) = charge("battery_level", r#"5,"battery_level":null"#);
    assert_eq!(state.battery_level, None);
    let twice = r#"{"charge_state":{"battery_level":1},"charge_state":{"battery_range":2}}"#;
    let charge = reading(twice)
        .metrics
        .charge_state
        .expect("the object is there");
    assert_eq!(
        (charge.battery_level, charge.battery_range),
        (None, Some(2.0))
    );
}

#[test]
fn the_other_place_is_asked_if_the_first_has_nothing_good() {
    for (first, expected) in [
        (r#""modely""#, "modely"),
        ("null", "s"),
        (r#""<invalid>""#, "s"),
        ("[]", "s"),
    ] {
        let info = reading(&format!(
            r#"{{"vehicle_state":{{"car_type":"s"}},"vehicle_config":{{"car_type":{first}}}}}"#
        ))
        .metrics
        .info;
        assert_eq!(info.car_type.as_deref(), Some(expected), "{first}");
    }
    for (first, expected) in [("40", 40.0), ("null", 15.0), (r#""ajar""#, 15.0)] {
        let reading = reading(&format!(
            r#"{{"vehicle_state":{{"vehicle_state_sun_roof_percent_open":15,
                "sun_roof_percent_open":{first}}}}}"#
        ));
        let car = reading.metrics.vehicle_state.expect("the object is there");
        assert_eq!(car.sun_roof_percent_open, Some(expected), "{first}");
    }
}

#[test]
fn what_two_objects_tell_each_tells_for_itself() {
    let metrics = reading(
        r#"{"vehicle_state":{"df":2,"locked":true,"speed_limit_mode":{"active":true}},
            "closures_state":{"df":4,"locked":null,"speed_limit_mode":{"active":false}},
            "vehicle_config":{},"charge_state":{"eu_vehicle":true}}"#,
    )
    .metrics;
    let points = observe(&metrics);
    let points: Vec<_> = points
        .iter()
        .map(|point| (point.name.as_str(), point.value))
        .collect();
    assert_eq!(points.len(), 6, "{points:?}");
    for (name, value) in [
        ("chargestate_eu_vehicle", 1),
        ("vehiclestate_df", 2),
        ("vehiclestate_locked", 1),
        ("vehiclestate_speed_limit_mode_active", 1),
        ("closuresstate_df", 4),
        ("closuresstate_speed_limit_mode_active", 0),
    ] {
        assert!(points.contains(&(name, value.into())), "{name}: {points:?}");
    }
}

#[test]
fn settings_of_the_display_change_no_unit() {
    let level = |settings: &str| -> Points {
        observe(
            &reading(&format!(
                r#"{{"drive_state":{{"speed":50}},"climate_state":{{"inside_temp":20.5}},
                    "gui_settings":{settings}}}"#
            ))
            .metrics,
        )
    };
    for settings in [
        r#"{"gui_distance_units":"km/hr","gui_temperature_units":"F"}"#,
        r#"{"gui_distance_units":"mi/hr","gui_temperature_units":"C"}"#,
    ] {
        let points = level(settings);
        assert_eq!(points.value("drivestate_speed"), Some(50.0.into()));
        assert_eq!(points.value("climatestate_inside_temp"), Some(20.5.into()));
    }
}
