//! Unknown, hostile and broken answers: what is known is read all the same, and nothing grows.

use tesla_observer::model::{ReadOptions, Reading, UnreadReason, read};

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

fn told(reading: &Reading) -> Vec<&str> {
    reading
        .unread
        .iter()
        .map(|unread| unread.field.as_str())
        .collect()
}

#[test]
fn unknown_fields_are_told_with_their_path() {
    let reading = reading(
        r#"{"charge_state":{"flux":1,"battery_level":72},"hover_state":{},
            "vehicle_state":{"media_info":{"smell":"leather"}}}"#,
    );
    let fields = told(&reading);
    assert_eq!(
        fields,
        [
            "hover_state",
            "charge_state.flux",
            "vehicle_state.media_info.smell"
        ]
    );
    assert!(
        reading
            .unread
            .iter()
            .all(|unread| unread.reason == UnreadReason::UnknownField)
    );
}

#[test]
fn keys_that_belong_to_other_callers_are_known() {
    let reading = reading(
        r#"{"id":1,"user_id":2,"vehicle_id":3,"vin":"V","color":null,"access_type":"OWNER",
            "granular_access":{"hide_private":false},"tokens":[],"state":"online","in_service":false,
            "id_s":"1","calendar_enabled":true,"api_version":1,"backseat_token":null,
            "backseat_token_updated_at":null,"ble_autopair_enrolled":false,"option_codes":"",
            "display_name":"N","cached_data":"AA==","charge_schedule_data":{"a":[]},
            "preconditioning_schedule_data":{},"vehicle_data_combo":null}"#,
    );
    assert_eq!(reading, Reading::default());
}

#[test]
fn a_key_is_what_it_says_however_it_is_escaped() {
    let reading = reading(r#"{"charge_\u0073tate":{"battery\u005flevel":55}}"#);
    let charge = reading.metrics.charge_state.expect("the object is there");
    assert_eq!(charge.battery_level, Some(55.0));
    assert_eq!(reading.unread, []);
}

#[test]
fn a_key_with_dots_is_no_path() {
    let reading = reading(
        r#"{"charge_state.battery_level":5,"vehicle_state":{"software_update.version":"9",
            "software_update":{"version":"8"}}}"#,
    );
    let car = reading.metrics.vehicle_state.expect("the object is there");
    let update = car.software_update.expect("the object is there");
    assert_eq!(update.version.as_deref(), Some("8"));
    assert!(reading.metrics.charge_state.is_none());
    assert_eq!(reading.unread.len(), 2);
}

#[test]
fn a_key_that_is_no_text_costs_itself_only() {
    let reading = reading(r#"{"charge_state":{"\ud800":1,"battery_level":9}}"#);
    let charge = reading.metrics.charge_state.expect("the object is there");
    assert_eq!(charge.battery_level, Some(9.0));
    assert_eq!(reading.unread.len(), 1);
    assert_eq!(reading.unread[0].field, r"charge_state.\ud800");
    assert_eq!(reading.unread[0].reason, UnreadReason::UnknownField);
}

#[test]
fn deep_nesting_costs_the_field_that_has_it_only() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let answer = format!(
            r#"{{"charge_state":{{"battery_level":{deep},"unheard_of":{deep},"battery_range":99.5}}}}"#
        );
        let reading = reading(&answer);
        assert_eq!(
            told(&reading),
            ["charge_state.unheard_of", "charge_state.battery_level"]
        );
        let charge = reading.metrics.charge_state.expect("the object is there");
        assert_eq!(charge.battery_range, Some(99.5));
    }
}

#[test]
fn no_answer_fills_the_memory_with_complaints() {
    let many: String = (0..200_000).map(|n| format!(r#""new_{n}":{n},"#)).collect();
    let answer = format!(r#"{{"charge_state":{{{many}"battery_level":72}}}}"#);
    assert!(answer.len() > 3_000_000);
    let reading = reading(&answer);
    assert_eq!(reading.unread.len(), 1000);
    let charge = reading.metrics.charge_state.expect("the object is there");
    assert_eq!(
        charge.battery_level,
        Some(72.0),
        "what comes after them is read"
    );
}

#[test]
fn hostile_keys_are_told_short_and_escaped() {
    let long = "k".repeat(2_000_000);
    let reading = reading(&format!(r#"{{"{long}":1,"a\u001b[31m\nb":2}}"#));
    let fields = told(&reading);
    assert_eq!(
        fields,
        [format!("{}…", "k".repeat(100)).as_str(), r"a\u{1b}[31m\nb"]
    );
}

#[test]
fn what_is_no_object_is_an_error_that_does_not_quote_it() {
    for answer in [
        "",
        "  ",
        "null",
        "7",
        "[]",
        r#""secret""#,
        "<html>secret</html>",
        "{",
        "}",
        "{\"secret\":",
    ] {
        let error = read(answer, ReadOptions::default()).expect_err(answer);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let cut = read(
        r#"{"charge_state":{"battery_level":7"#,
        ReadOptions::default(),
    );
    assert!(cut.expect_err("it is cut off").is_eof());
    let two = read(r#"{"charge_state":{}} {}"#, ReadOptions::default());
    assert!(two.expect_err("there is more").is_syntax());
}
