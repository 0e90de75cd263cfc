//! Whole answers become exactly the points beside them.

use metric_core::Shape;
use metric_core::testing::{Points, observe};
use serde_json::Value;
use tesla_observer::model::{ReadOptions, read};

const DRIVING: &str = include_str!("../fixtures/model_y_2024_driving.json");
const CHARGING: &str = include_str!("../fixtures/model_s_2016_charging.json");
const IDLE: &str = include_str!("../fixtures/model_3_2026_idle.json");

/// The points of an answer, one per line and sorted; of a set of states the present one.
fn points(answer: &str, private_texts: bool) -> Vec<String> {
    let reading = read(
        answer,
        ReadOptions {
            private_texts,
            ..ReadOptions::default()
        },
    )
    .expect("it is an object");
    assert_eq!(reading.unread, []);
    let points = observe(&reading.metrics);
    assert_eq!(points.dropped(), []);
    let absent = |line: &&str| line.contains("{state=") && line.ends_with("} 0");
    let text = points.to_string();
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| !absent(line))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

fn assert_points(answer: &str, private_texts: bool, expected: &str) {
    let (points, expected) = (
        points(answer, private_texts),
        expected.lines().collect::<Vec<_>>(),
    );
    for line in &points {
        assert!(expected.contains(&line.as_str()), "unexpected: {line}");
    }
    for line in &expected {
        assert!(points.iter().any(|point| point == line), "missing: {line}");
    }
    assert_eq!(points.len(), expected.len());
}

#[test]
fn a_driving_car_of_2024() {
    assert_points(
        DRIVING,
        false,
        include_str!("../fixtures/model_y_2024_driving.points"),
    );
}

#[test]
fn private_texts_are_there_when_asked_for() {
    let expected = include_str!("../fixtures/model_y_2024_driving.private.points");
    assert_points(DRIVING, true, expected);
}

#[test]
fn a_charging_car_of_2016_with_truths_as_numbers_and_levels_as_truths() {
    assert_points(
        CHARGING,
        false,
        include_str!("../fixtures/model_s_2016_charging.points"),
    );
}

#[test]
fn an_idle_car_of_2026_that_tells_little() {
    assert_points(
        IDLE,
        false,
        include_str!("../fixtures/model_3_2026_idle.points"),
    );
}

#[test]
fn private_texts_are_nowhere_unless_asked_for() {
    let reading = read(DRIVING, ReadOptions::default()).expect("it is an object");
    let all = format!("{reading:?}\n{}", observe(&reading.metrics));
    let private = [
        "Lighthouse",
        "telephone",
        "Tides",
        "Inventions",
        "Radio",
        "North",
        "Ebb",
        "Gull",
    ];
    for text in private {
        assert!(DRIVING.contains(text), "{text} is in the answer");
        assert!(!all.contains(text), "{text} has got out");
    }
    let reading = read(
        DRIVING,
        ReadOptions {
            private_texts: true,
            ..ReadOptions::default()
        },
    )
    .expect("it is an object");
    assert!(
        !format!("{reading:?}").contains("Lighthouse"),
        "not in Debug, even if asked for"
    );
}

/// The objects of an answer that are read, and the first part of their metrics' names.
const OBJECTS: [(&str, &str); 7] = [
    ("charge_state", "chargestate"),
    ("climate_state", "climatestate"),
    ("closures_state", "closuresstate"),
    ("drive_state", "drivestate"),
    ("gui_settings", "guisettings"),
    ("vehicle_config", "vehicleconfig"),
    ("vehicle_state", "vehiclestate"),
];

/// Every number and every truth in `value`, named after where it is.
fn numbers(name: &str, value: &Value, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                numbers(&format!("{name}_{key}"), value, found);
            }
        }
        Value::Number(number) => {
            let number = number.as_f64().expect("it is a float or fits one");
            found.push((name.to_owned(), number));
        }
        Value::Bool(truth) => found.push((name.to_owned(), f64::from(u8::from(*truth)))),
        _ => {}
    }
}

/// Whether that number of an answer arrived under that name.
fn arrived(points: &Points, name: &str, number: f64) -> bool {
    let mut points = points.iter().filter(|point| point.name == name);
    points.any(|point| match point.metric.shape() {
        Shape::Bool => point.value == i64::from(number != 0.0),
        // Which state a number stands for is in the list of fields.
        Shape::States(_) => point.value == 1,
        _ => point.value.as_f64() == number,
    })
}

#[test]
fn every_number_and_truth_arrives_under_its_object_and_field() {
    for (answer, expected) in [(DRIVING, 197), (CHARGING, 72), (IDLE, 14)] {
        let json: Value = serde_json::from_str(answer).expect("the fixture is JSON");
        let mut found = Vec::new();
        for (object, prefix) in OBJECTS {
            numbers(prefix, &json[object], &mut found);
        }
        // A name that is a number is no measurement.
        found.retain(|(name, _)| name != "vehiclestate_vehicle_name");
        assert_eq!(found.len(), expected);
        let reading = read(answer, ReadOptions::default()).expect("it is an object");
        let points = observe(&reading.metrics);
        for (name, number) in found {
            assert!(arrived(&points, &name, number), "{name} = {number}");
        }
    }
}

#[test]
fn an_absent_sub_state_is_none() {
    let reading = read(IDLE, ReadOptions::default()).expect("it is an object");
    assert!(reading.metrics.climate_state.is_none());
    assert!(reading.metrics.closures_state.is_none());
    assert!(reading.metrics.gui_settings.is_none());
    assert!(reading.metrics.charge_state.is_some());
}

#[test]
fn an_empty_answer_is_no_error() {
    assert_eq!(
        read("{}", ReadOptions::default()).expect("it is an object"),
        Default::default()
    );
}
