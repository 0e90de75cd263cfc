//! Every field of Tesla's vehicle_data that is listed in `fixtures/fields.csv` is exported under the
//! name and with the unit that the list says, and nothing else is.

use std::collections::BTreeSet;

use metric_core::testing::{Points, observe};
use metric_core::{MetricCollector, Number, Shape};
use serde_json::{Value, json};
use tesla_observer::model::{EvMetrics, ReadOptions, Reading, read};

struct Field {
    path: &'static str,
    kind: &'static str,
    metric: &'static str,
    /// The unit, the states or the attribute: by kind.
    detail: &'static str,
}

fn fields() -> impl Iterator<Item = Field> {
    let lines = include_str!("../fixtures/fields.csv").lines().skip(1);
    lines.map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        let [path, kind, metric, detail] = cells[..] else {
            panic!("four cells: {line}");
        };
        Field {
            path,
            kind,
            metric,
            detail,
        }
    })
}

/// The names of the first version: its users query them.
const FIRST: [&str; 37] = [
    "chargestate_battery_level",
    "chargestate_charge_energy_added",
    "chargestate_charge_miles_added_ideal",
    "chargestate_charge_miles_added_rated",
    "chargestate_charger_voltage",
    "chargestate_charger_power",
    "chargestate_charge_rate",
    "chargestate_charger_actual_current",
    "chargestate_timestamp",
    "chargestate_battery_range",
    "chargestate_charge_amps",
    "chargestate_charge_current_request",
    "chargestate_charge_current_request_max",
    "chargestate_charge_limit_soc",
    "chargestate_charge_limit_soc_max",
    "chargestate_charge_limit_soc_min",
    "chargestate_charge_limit_soc_std",
    "chargestate_charger_phases",
    "chargestate_charger_pilot_current",
    "chargestate_est_battery_range",
    "chargestate_ideal_battery_range",
    "chargestate_max_range_charge_counter",
    "chargestate_minutes_to_full_charge",
    "chargestate_scheduled_charging_start_time",
    "chargestate_scheduled_departure_time",
    "chargestate_time_to_full_charge",
    "chargestate_usable_battery_level",
    "drivestate_speed",
    "drivestate_gps_as_of",
    "drivestate_heading",
    "drivestate_latitude",
    "drivestate_longitude",
    "drivestate_native_latitude",
    "drivestate_native_longitude",
    "drivestate_native_location_supported",
    "drivestate_power",
    "drivestate_timestamp",
];

/// An answer with one field.
fn answer(path: &str, value: Value) -> String {
    let wrap = |value, key: &str| json!({ key: value });
    path.rsplit('.').fold(value, wrap).to_string()
}

fn read_one(path: &str, value: Value, private_texts: bool) -> (Reading, Points) {
    let reading = read(
        &answer(path, value),
        ReadOptions {
            private_texts,
            ..ReadOptions::default()
        },
    )
    .expect("it is an object");
    let points = observe(&reading.metrics);
    (reading, points)
}

/// That one field makes this one point, and nothing else happens.
fn assert_one(path: &str, value: Value, metric: &str, expected: Number, unit: &str) {
    let (reading, points) = read_one(path, value.clone(), false);
    assert_eq!(reading.unread, [], "{path} = {value}");
    let points: Vec<_> = points.iter().collect();
    assert_eq!(points.len(), 1, "{path} = {value}: {points:?}");
    assert_eq!(points[0].name, metric, "{path}");
    assert_eq!(points[0].value, expected, "{path} = {value}");
    assert_eq!(points[0].metric.unit(), unit, "{path}");
}

fn check(field: &Field, path: &str) {
    let (metric, unit) = (field.metric, field.detail);
    match field.kind {
        "quantity" => {
            assert_one(path, json!(41.625), metric, 41.625.into(), unit);
            assert_one(path, json!(-7), metric, (-7.0).into(), unit);
        }
        "integer" => {
            assert_one(
                path,
                json!(1_717_951_234_567_i64),
                metric,
                1_717_951_234_567_i64.into(),
                unit,
            );
            assert_one(path, json!(3.0), metric, 3_i64.into(), unit);
        }
        "truth" => {
            assert_one(path, json!(true), metric, 1_i64.into(), unit);
            assert_one(path, json!(false), metric, 0_i64.into(), unit);
        }
        "state" => {
            for state in field.detail.split(' ') {
                let (spelling, state) = state.split_once('=').expect("spelling=state");
                let number = spelling.parse::<i64>().map(|number| json!(number));
                let value = number.unwrap_or_else(|_| json!(spelling));
                let (reading, points) = read_one(path, value, false);
                assert_eq!(reading.unread, [], "{path} = {spelling}");
                let present = points.value_with(metric, &[("state", state)]);
                assert_eq!(present, Some(1.into()), "{path} = {spelling}");
                let sum = points.iter().filter(|point| point.value == 1).count();
                assert_eq!(sum, 1, "{path} = {spelling}: one state is present");
                assert!(points.iter().all(|point| point.name == metric), "{path}");
            }
        }
        "text" => {
            let (reading, points) = read_one(path, json!(" Some text"), false);
            assert_eq!(reading.unread, [], "{path}");
            let attribute = [(field.detail, "Some text")];
            assert_eq!(
                points.value_with(metric, &attribute),
                Some(1.into()),
                "{path}"
            );
            assert_eq!(points.iter().count(), 1, "{path}");
        }
        "private text" => {
            let (reading, points) = read_one(path, json!("Some text"), false);
            assert_eq!(reading.unread, [], "{path}");
            assert_eq!(points.to_string(), "", "{path} is private");
            let (_, points) = read_one(path, json!("Some text"), true);
            let attribute = [(field.detail, "Some text")];
            assert_eq!(
                points.value_with(metric, &attribute),
                Some(1.into()),
                "{path}"
            );
        }
        "not read" => {
            let (reading, points) = read_one(path, json!("Some text"), true);
            assert_eq!(reading.unread, [], "{path} is known");
            assert_eq!(points.to_string(), "", "{path} is not exported");
        }
        other => panic!("{path} has the kind {other}"),
    }
}

#[test]
fn every_listed_field_is_exported_under_its_name_with_its_unit() {
    assert_eq!(fields().count(), 339, "the list is whole");
    for field in fields() {
        check(&field, field.path);
    }
}

#[test]
fn a_metric_is_named_after_its_object_and_field() {
    let mut others = Vec::new();
    for field in fields() {
        let (object, name) = field.path.split_once('.').unwrap_or(("", field.path));
        let literal = format!("{}_{}", object.replace('_', ""), name.replace('.', "_"));
        let is_text = matches!(field.kind, "text" | "private text" | "not read");
        if !is_text && field.metric != literal {
            others.push((field.path, field.metric));
        }
    }
    let twice = (
        "vehicle_state.vehicle_state_sun_roof_percent_open",
        "vehiclestate_sun_roof_percent_open",
    );
    assert_eq!(
        others,
        [twice],
        "some cars put the object's name in front of the field's"
    );
}

#[test]
fn nothing_is_exported_that_is_not_listed() {
    let listed: BTreeSet<_> = fields().map(|field| field.metric).collect();
    let exported: BTreeSet<_> = EvMetrics::SCHEMA
        .entries()
        .map(|entry| entry.name.as_str().to_owned())
        .collect();
    let unlisted: Vec<_> = exported
        .iter()
        .filter(|name| !listed.contains(name.as_str()))
        .collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    assert_eq!(
        exported.len(),
        listed.len() - 1,
        "all but the empty name of what is not read"
    );
}

#[test]
fn the_names_of_the_first_version_are_kept() {
    for name in FIRST {
        let metric = EvMetrics::SCHEMA
            .entries()
            .find(|entry| entry.name.as_str() == name);
        let metric = metric.unwrap_or_else(|| panic!("{name} is gone")).metric;
        assert!(
            matches!(metric.shape(), Shape::F64 | Shape::I64 | Shape::Bool),
            "{name} is a number"
        );
        let without_unit = name == "drivestate_native_location_supported";
        assert_eq!(
            metric.unit().is_empty(),
            without_unit,
            "{name}: {:?}",
            metric.unit()
        );
    }
}

#[test]
fn every_metric_says_what_it_means() {
    for entry in EvMetrics::SCHEMA.entries() {
        let is_info = entry.name.as_str().ends_with("_info");
        let description = entry.metric.description();
        assert!(
            is_info || description.ends_with('.'),
            "{}: {description:?}",
            entry.name.as_str()
        );
    }
}
