//! No JSON makes the reader panic or lose a good sibling of a bad field.

use std::collections::BTreeMap;

use metric_core::testing::observe;
use proptest::prelude::*;
use tesla_observer::model::{Glance, ReadOptions, Reading, read};

const ANSWER: &str = include_str!("../fixtures/model_y_2024_driving.json");

/// JSON texts as a hostile or broken service writes them.
fn json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        Just("1e999".to_owned()),
        Just("-0".to_owned()),
        "[1-9][0-9]{0,400}",
    ];
    let text = prop_oneof![
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        Just(r#""\ud800""#.to_owned()),
        Just(r#""<invalid>""#.to_owned()),
        Just(r#"" 12.5 ""#.to_owned()),
        Just(r#""Charging""#.to_owned()),
    ];
    let word = prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(str::to_owned);
    let key = prop_oneof![
        "[a-z_.]{0,12}",
        Just(r"\udfff".to_owned()),
        Just("charge_state".to_owned()),
        Just("battery_level".to_owned()),
    ];
    let deep =
        (0_usize..300).prop_map(|depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    let deep = deep.prop_filter("not nothing", |text| !text.is_empty());
    prop_oneof![number, text, word, deep].prop_recursive(4, 32, 6, move |inner| {
        let member =
            (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..6)
                .prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    })
}

/// Every path of a field of the answer, with the metric that it becomes and, for a text, the
/// attribute.
fn fields() -> Vec<(Vec<&'static str>, &'static str, &'static str)> {
    let lines = include_str!("../fixtures/fields.csv").lines().skip(1);
    lines
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let attribute = if cells[1].ends_with("text") {
                cells[3]
            } else {
                ""
            };
            (cells[0].split('.').collect(), cells[2], attribute)
        })
        .collect()
}

/// The answer with `raw` in the place of one field, which it need not have had.
fn replaced(path: &[&str], raw: &str) -> String {
    let mut answer: serde_json::Value = serde_json::from_str(ANSWER).expect("the fixture is JSON");
    let mut place = &mut answer;
    for key in path {
        place = &mut place[*key];
    }
    *place = "the place of the field".into();
    answer
        .to_string()
        .replacen("\"the place of the field\"", raw, 1)
}

/// What a reading reports: the values by metric and attribute, the texts of information by key.
fn reported(reading: &Reading) -> BTreeMap<(String, String), String> {
    let mut all = BTreeMap::new();
    for point in observe(&reading.metrics).iter() {
        if point.name.ends_with("_info") {
            for attribute in &point.attributes {
                let key = (point.name.clone(), attribute.key.to_string());
                all.insert(key, attribute.value.to_string());
            }
        } else {
            let state: String = point
                .attributes
                .iter()
                .map(|state| state.value.to_string())
                .collect();
            all.insert((point.name.clone(), state), point.value.to_string());
        }
    }
    all
}

fn everything(answer: &str) -> Result<Reading, serde_json::Error> {
    let reading = read(
        answer,
        ReadOptions {
            private_texts: true,
            ..ReadOptions::default()
        },
    )?;
    let _ = (reading.metrics.glance(), observe(&reading.metrics));
    Ok(reading)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn whatever_one_field_is_its_siblings_are_as_before(
        (path, metric, attribute) in prop::sample::select(fields()),
        raw in json(),
    ) {
        let before = everything(ANSWER).expect("the fixture is an object");
        let after = everything(&replaced(&path, &raw)).expect("it is still an object");
        let siblings = |reading: &Reading| {
            let mut all = reported(reading);
            all.retain(|(name, key), _| name != metric || (!attribute.is_empty() && key != attribute));
            all
        };
        prop_assert_eq!(siblings(&before), siblings(&after));
        let path = path.join(".");
        let stranger = after.unread.iter().find(|unread| !unread.field.starts_with(&path));
        prop_assert_eq!(stranger, None);
    }

    #[test]
    fn no_json_makes_it_panic(answer in json()) {
        let _ = everything(&answer);
    }

    #[test]
    fn no_json_in_the_place_of_a_sub_state_makes_it_panic(
        object in prop::sample::select(vec!["charge_state", "vehicle_state", "closures_state"]),
        raw in json(),
    ) {
        let answer = format!(r#"{{"{object}":{raw},"drive_state":{{"speed":31}}}}"#);
        let reading = everything(&answer).expect("it is an object");
        prop_assert_eq!(reading.metrics.drive_state.and_then(|drive| drive.speed), Some(31.0));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = everything(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn an_answer_that_is_cut_off_is_an_error(at in 0..ANSWER.trim_end().len()) {
        let cut = String::from_utf8_lossy(&ANSWER.as_bytes()[..at]);
        prop_assert!(everything(&cut).is_err());
    }

    #[test]
    fn an_answer_with_one_wrong_byte_makes_no_panic(at in 0..ANSWER.len(), byte in any::<u8>()) {
        let mut bytes = ANSWER.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = everything(&String::from_utf8_lossy(&bytes));
    }
}
