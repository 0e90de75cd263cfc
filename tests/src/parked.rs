//! A parked car that says all that the first version exported, and what must be found of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fields;

/// A car that has everything that the first version exported.
const SAMPLE: &str = include_str!("../samples/model_x_2021_parked.json");
/// Its VIN.
pub const VIN: &str = "5YJXCAE20MF000042";
/// Its name, which has to be escaped in many a format.
pub const NAME: &str = "Model \"X\"";

/// The names of the first version: its users query them.
///
/// # Panics
///
/// If the list is not whole.
pub fn first_names() -> Vec<&'static str> {
    let names: Vec<_> = include_str!("../names-of-the-first-version.txt")
        .lines()
        .collect();
    assert_eq!(names.len(), 37);
    names
}

/// What the sample says at one of these names.
///
/// # Panics
///
/// If it says no number there.
pub fn number(name: &str) -> f64 {
    let sample: Value = serde_json::from_str(SAMPLE).expect("JSON");
    let (section, field) = name.split_once('_').expect("section_field");
    let section = section.replace("state", "_state");
    let value = &sample["response"][section][field];
    value.as_f64().unwrap_or_else(|| panic!("{name}: {value}"))
}

/// The `response` of the sample.
///
/// # Panics
///
/// Not with this sample.
pub fn response() -> &'static str {
    let (_, rest) = SAMPLE.split_once("\"response\":").expect("an answer");
    rest.trim_end().strip_suffix('}').expect("an answer").trim()
}

/// The lines that must arrive of it.
///
/// # Panics
///
/// Not with this sample.
pub fn expected() -> Vec<String> {
    let answer = fields::of_answer(response(), false);
    assert_eq!(answer.unlisted, [""; 0]);
    let mut lines = answer.lines(NAME, VIN);
    lines.extend(fields::of_availability("online", Some(response())).lines(NAME, VIN));
    lines
}

/// That a query has found one series, with the value of the sample, and whose it is.
///
/// # Panics
///
/// If it has not.
pub fn assert_series(name: &str, found: &[(BTreeMap<String, String>, f64)]) {
    let [(labels, value)] = found else {
        panic!("{name}: {found:?}");
    };
    assert_eq!(*value, number(name), "{name}");
    for (key, own) in [("__name__", name), ("vin", VIN), ("vehicle_id", NAME)] {
        assert_eq!(labels.get(key).map(String::as_str), Some(own), "{name}");
    }
}

/// That a query for all series of the car has found each point of the sample, with its attributes and
/// its value, and nothing else. Other labels are the resource's. VictoriaMetrics keeps twelve digits.
///
/// # Panics
///
/// If it has not.
pub fn assert_all_series(found: &[(BTreeMap<String, String>, f64)]) {
    let mut expected = fields::of_answer(response(), false).of_car(NAME, VIN);
    expected.extend(fields::of_availability("online", Some(response())).of_car(NAME, VIN));
    assert_eq!(found.len(), expected.len());
    for sample in &expected {
        let is_it = |labels: &BTreeMap<String, String>| {
            labels.get("__name__") == Some(&sample.name)
                && sample
                    .attributes
                    .iter()
                    .all(|(key, value)| labels.get(key) == Some(value))
        };
        let values: Vec<f64> = found
            .iter()
            .filter(|(labels, _)| is_it(labels))
            .map(|(_, value)| *value)
            .collect();
        let wanted = sample.value.float();
        let same = |value: &f64| (value - wanted).abs() <= wanted.abs() * 1e-11;
        assert!(
            values.len() == 1 && values.iter().all(same),
            "{}: {values:?}",
            sample.line()
        );
    }
}

/// How many series the car has.
///
/// # Panics
///
/// Not with this sample.
pub fn count_of_series() -> usize {
    expected().len()
}
