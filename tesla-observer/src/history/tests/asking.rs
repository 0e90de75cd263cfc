//! Anybody's SQL.

use std::fs;
use std::io;
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::types::ValueRef;

use super::*;

/// What was found, as text.
#[derive(Default)]
struct Found {
    columns: Vec<String>,
    rows: Vec<String>,
}

impl Rows for Found {
    fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> io::Result<()> {
        self.rows.push(format!("{values:?}"));
        Ok(())
    }
}

fn filled() -> Place {
    let place = Place::new();
    let mut recorder = place.recorder();
    for minute in 0..30 {
        let values = [("chargestate_battery_range", 200.0 - minute as f64)];
        recorder
            .record(&[report(minute * 60_000, &values)])
            .expect("it is written");
    }
    place
}

fn ask(place: &Place, sql: &str) -> Result<Found, QueryError> {
    ask_within(place, sql, Duration::from_secs(30))
}

fn ask_within(place: &Place, sql: &str, timeout: Duration) -> Result<Found, QueryError> {
    let mut guarded = Guarded::open(&place.path(), timeout).expect("it can be read");
    let mut found = Found::default();
    guarded.ask(sql, &mut found).map(|_| found)
}

#[test]
fn the_demos_query_is_answered() {
    let found = ask(
        &filled(),
        "SELECT vehicle_id, greptime_timestamp, greptime_value FROM chargestate_battery_range \
         ORDER BY greptime_timestamp DESC LIMIT 10;",
    );
    let found = found.expect("it is valid");
    assert_eq!(
        found.columns,
        ["vehicle_id", "greptime_timestamp", "greptime_value"]
    );
    assert_eq!(found.rows.len(), 10);
}

#[test]
fn what_is_no_reading_is_refused_with_the_reason() {
    let place = filled();
    let before = fs::read(place.path()).expect("it is there");
    for (sql, why) in [
        (
            "DELETE FROM history_point",
            "it would write (history_point)",
        ),
        (
            "UPDATE history_point SET value = 1",
            "it would write (history_point)",
        ),
        (
            "INSERT INTO history_meta VALUES ('a', 'b')",
            "it would write (history_meta)",
        ),
        ("DROP TABLE history_point", "it would write"),
        ("DROP VIEW chargestate_battery_range", "it would write"),
        ("CREATE TABLE x (y)", "it would write"),
        ("CREATE TEMP TABLE x (y)", "it would write"),
        ("ATTACH '/tmp/other.sqlite' AS other", "another database"),
        ("VACUUM INTO '/tmp/copy.sqlite'", "another database"),
        (
            "PRAGMA journal_mode = DELETE",
            "PRAGMA journal_mode changes",
        ),
        ("PRAGMA query_only = OFF", "PRAGMA query_only changes"),
        ("BEGIN", "it is a transaction"),
        ("SELECT load_extension('x')", "the function load_extension"),
        ("SELECT 1; SELECT 2", "there are several statements"),
        ("", "there is no statement"),
        ("-- nothing", "there is no statement"),
    ] {
        let refused = ask(&place, sql).map(|found| found.rows).expect_err(sql);
        assert!(
            matches!(refused, QueryError::Refused(_)),
            "{sql}: {refused}"
        );
        assert!(refused.to_string().contains(why), "{sql}: {refused}");
    }
    assert_eq!(fs::read(place.path()).expect("it is there"), before);
}

#[test]
fn what_does_not_end_is_stopped() {
    let place = filled();
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    for sql in [
        endless,
        "SELECT count(*) FROM history_point a, history_point b, history_point c, history_point d, \
         history_point e, history_point f, history_point g",
    ] {
        let stopped = ask_within(&place, sql, Duration::from_millis(200)).map(|found| found.rows);
        let stopped = stopped.expect_err("it has no end");
        assert!(matches!(stopped, QueryError::TooLong(_)), "{stopped}");
        assert!(
            stopped.to_string().contains("stopped after 0.2 s"),
            "{stopped}"
        );
    }
}

#[test]
fn what_needs_too_much_memory_fails() {
    let place = filled();
    for (sql, why) in [
        ("SELECT zeroblob(1000000000)", "longer than 16 MiB"),
        ("SELECT length(printf('%1000000000d', 1))", ""),
        (
            "WITH RECURSIVE n(i, t) AS (SELECT 1, zeroblob(10000000) UNION ALL \
             SELECT i + 1, zeroblob(10000000 + i) FROM n) SELECT i, t FROM n ORDER BY t",
            "",
        ),
    ] {
        match ask(&place, sql) {
            Err(error) => assert!(error.to_string().contains(why), "{sql}: {error}"),
            // SQLite gives NULL for a text that would be too long.
            Ok(found) => assert!(found.rows.len() <= 1, "{sql}"),
        }
    }
}

#[test]
fn what_cannot_be_understood_says_what_was_meant() {
    let place = filled();
    for (sql, says) in [
        (
            "SELECT * FROM chargestate_batery_range",
            "do you mean chargestate_battery_range?",
        ),
        ("SELECT * FROM elsewhere", "without SQL lists all"),
        (
            "SELECT elsewhere FROM chargestate_battery_range",
            "no such column: elsewhere",
        ),
        ("SELEC 1", "syntax error"),
    ] {
        let failed = ask(&place, sql).map(|found| found.rows).expect_err(sql);
        assert!(failed.to_string().contains(says), "{sql}: {failed}");
    }
}

/// SQL of pieces that mean something.
fn sql() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "SELECT",
        "*",
        "FROM",
        "history_point",
        "chargestate_battery_range",
        "WHERE",
        "DELETE",
        "INSERT INTO",
        "VALUES",
        "(",
        ")",
        "1",
        "'x'",
        ";",
        "UPDATE",
        "SET",
        "value",
        "=",
        "DROP",
        "TABLE",
        "PRAGMA",
        "user_version",
        "ATTACH",
        "AS",
        "WITH",
        "UNION ALL",
        "LIMIT",
        "ORDER BY",
        "json_each",
        "REPLACE",
        "VACUUM",
        "REINDEX",
        "ANALYZE",
        "CREATE",
        "TEMP",
        "TRIGGER",
        "EXPLAIN",
    ]);
    prop_oneof![
        prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.join(" ")),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_sql_changes_anything_or_panics(sql in sql()) {
        static PLACE: std::sync::OnceLock<(Place, Vec<u8>)> = std::sync::OnceLock::new();
        let (place, before) = PLACE.get_or_init(|| {
            let place = filled();
            let bytes = fs::read(place.path()).expect("it is there");
            (place, bytes)
        });
        let _ = ask_within(place, &sql, Duration::from_secs(1));
        prop_assert_eq!(&fs::read(place.path()).expect("it is there"), before);
    }
}
