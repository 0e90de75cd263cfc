//! What SQL finds.

use rusqlite::Connection;

use super::*;

fn timestamp(text: &str) -> i64 {
    let text = format!("{}Z", text.replace(' ', "T"));
    let timestamp: jiff::Timestamp = text.parse().expect("it is a time");
    timestamp.as_millisecond()
}

/// What a metric's view says.
pub(super) fn held_by_the_view(place: &Place, metric: &str) -> Vec<(i64, i64, f64)> {
    let reader = place.reader();
    let sql = format!(
        "SELECT greptime_timestamp, held_until, greptime_value FROM {metric}
         ORDER BY greptime_timestamp"
    );
    let mut statement = reader.connection.prepare(&sql).expect("there is the view");
    let rows = statement.query_map([], |row| {
        let (from, until): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((timestamp(&from), timestamp(&until), row.get(2)?))
    });
    let rows: Result<_, _> = rows.expect("it can be asked").collect();
    rows.expect("it can be read")
}

fn columns(connection: &Connection, view: &str) -> Vec<String> {
    let statement = connection.prepare(&format!("SELECT * FROM \"{view}\" LIMIT 1"));
    let statement = statement.expect("there is the view");
    let names = statement.column_names();
    names.map(str::to_owned).collect()
}

#[test]
fn the_demos_query_finds_the_latest_values_first() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for minute in 0..20 {
        let level = 200.0 - minute as f64;
        let reports = [report(
            minute * 60_000,
            &[("chargestate_battery_range", level)],
        )];
        recorder.record(&reports).expect("it is written");
    }
    let reader = place.reader();
    let mut statement = reader
        .connection
        .prepare(
            "SELECT vehicle_id, greptime_timestamp, greptime_value FROM chargestate_battery_range \
             ORDER BY greptime_timestamp DESC LIMIT 10;",
        )
        .expect("it is valid");
    let rows: Vec<(String, String, f64)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .expect("it can be read");
    assert_eq!(rows.len(), 10);
    let first = ("Ju".to_owned(), "1970-01-01 00:19:00.000".to_owned(), 181.0);
    assert_eq!(rows[0], first);
    assert_eq!(rows[9].1, "1970-01-01 00:10:00.000");
}

#[test]
fn a_view_has_a_column_for_each_attribute_also_for_those_that_come_later() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let one = |time_ms, attributes: &[(&str, &str)]| {
        let report = Report {
            vehicle: car(),
            time_ms,
            values: vec![observed("vehicle_state", attributes, 1.0)],
        };
        [Arc::new(report)]
    };
    recorder
        .record(&one(0, &[("state", "online")]))
        .expect("it is written");
    let usual = ["vehicle_id", "greptime_timestamp", "greptime_value", "vin"];
    let reader = place.reader();
    assert_eq!(
        columns(&reader.connection, "vehicle_state"),
        [&usual[..], &["state", "held_until"]].concat()
    );
    // A key may be any text, a column's name, too.
    let odd = [("a \"b\" 'c'", "x"), ("state", "asleep"), ("vin", "y")];
    recorder.record(&one(1, &odd)).expect("it is written");
    let reader = place.reader();
    assert_eq!(
        columns(&reader.connection, "vehicle_state"),
        [
            &usual[..],
            &["a \"b\" 'c'", "state", "attribute_vin", "held_until"]
        ]
        .concat()
    );
    let states: Vec<(String, Option<String>)> = reader
        .connection
        .prepare("SELECT state, \"a \"\"b\"\" 'c'\" FROM vehicle_state ORDER BY state")
        .and_then(|mut statement| {
            statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
        .expect("it can be read");
    assert_eq!(
        states,
        [
            ("asleep".to_owned(), Some("x".to_owned())),
            ("online".to_owned(), None)
        ]
    );
}

#[test]
fn a_metric_with_any_name_has_a_view() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let names = [
        "select",
        "a\"b",
        "history'; DROP TABLE history_point; --",
        "é.ü",
    ];
    let values: Vec<_> = names.iter().map(|name| (*name, 1.0)).collect();
    recorder
        .record(&[report(0, &values)])
        .expect("it is written");
    let reader = place.reader();
    for name in names {
        assert_eq!(
            columns(&reader.connection, &name.replace('"', "\"\"")).len(),
            5
        );
        assert_eq!(place.held(name), [(0, 0, 1.0)], "{name}");
    }
}

#[test]
fn the_catalogue_says_what_metrics_are() {
    let place = Place::new();
    let mut recorder = place.recorder();
    recorder
        .record(&[report(0, &[("b", 1.0), ("a", 1.0)])])
        .expect("it is written");
    let metrics = place.reader().metrics().expect("it can be read");
    let names: Vec<_> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(
        (metrics[0].unit.as_str(), metrics[0].description.as_str()),
        ("%", "What it means.")
    );
}

/// What one vehicle's history has is not another's.
#[test]
fn cars_are_told_apart() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let nameless = Vehicle {
        vehicle_id: "Ju".to_owned(),
        vin: None,
    };
    let reports = [
        report(0, &[("level", 1.0)]),
        report_of(nameless.clone(), 0, &[("level", 2.0)]),
    ];
    recorder.record(&reports).expect("it is written");
    assert_eq!(place.held("level"), [(0, 0, 1.0)]);
    assert_ne!(car().key(), nameless.key());
    assert_eq!(place.reader().vehicles().expect("it can be read").len(), 2);
}
