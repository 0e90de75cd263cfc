//! Files that are no history, or a damaged one.

use std::fs;

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;

fn refusal(place: &Place) -> String {
    let refused = Recorder::open(&place.settings, Cars::Real);
    refused.map(drop).expect_err("it is no history").to_string()
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let text = "a diary, and not a database at all\n".repeat(100);
    fs::write(place.path(), &text).expect("it can be written");
    let why = refusal(&place);
    assert!(
        why.contains("it is no SQLite database, or damaged; move it away"),
        "{why}"
    );
    assert!(Reader::open(&place.path()).is_err());
    assert_eq!(fs::read_to_string(place.path()).expect("it is there"), text);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let place = Place::new();
    let other = Connection::open(place.path()).expect("it can be made");
    other
        .execute_batch("CREATE TABLE songs (name TEXT)")
        .expect("it can be written");
    let why = refusal(&place);
    assert!(
        why.contains("it is a database of another program; give another file"),
        "{why}"
    );
}

#[test]
fn a_newer_versions_history_is_refused() {
    let place = Place::new();
    drop(place.recorder());
    let newer = Connection::open(place.path()).expect("it is there");
    newer
        .pragma_update(None, "user_version", 2)
        .expect("it can be written");
    let why = refusal(&place);
    assert!(
        why.contains("a newer version of tesla-observer has written it (format 2"),
        "{why}"
    );
    let why = Reader::open(&place.path())
        .map(drop)
        .expect_err("it is newer");
    assert!(why.to_string().contains("use that version"), "{why}");
}

#[test]
fn real_and_simulated_cars_are_never_mixed() {
    let place = Place::new();
    drop(place.recorder());
    let refused = Recorder::open(&place.settings, Cars::Simulated).map(drop);
    let why = refused.expect_err("it is of real cars").to_string();
    assert!(
        why.contains("it is of real cars, and these are simulated ones"),
        "{why}"
    );
}

#[test]
fn one_observer_writes_a_history_at_a_time() {
    let place = Place::new();
    let first = place.recorder();
    let why = refusal(&place);
    assert!(
        why.contains("another observer writes it; end that one"),
        "{why}"
    );
    drop(first);
    place.recorder();
}

#[cfg(unix)]
#[test]
fn a_history_is_for_its_owners_eyes_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut place = Place::new();
    place.settings.path = place.path().with_file_name("new").join("history.sqlite");
    let mut recorder = place.recorder();
    recorder
        .record(&[report(0, &[("level", 1.0)])])
        .expect("it is written");
    let directory = place.path().with_file_name("");
    let mut found = 0;
    for entry in fs::read_dir(directory).expect("it is there") {
        let metadata = entry
            .and_then(|entry| entry.metadata())
            .expect("it is there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        found += 1;
    }
    // The file, its log, the log's index, the lock.
    assert_eq!(found, 4);
}

#[test]
fn a_directory_in_the_files_place_is_said() {
    let place = Place::new();
    fs::create_dir(place.path()).expect("it can be made");
    assert!(refusal(&place).contains("it is a directory; give a file"));
}

#[test]
fn what_is_not_there_cannot_be_read_and_is_not_made() {
    let place = Place::new();
    let why = Reader::open(&place.path())
        .map(drop)
        .expect_err("there is none");
    assert!(why.to_string().contains("it cannot be opened"), "{why}");
    assert!(!place.path().exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Bytes that are overwritten or missing: errors, perhaps, and other values; no panic, no endless
    /// work.
    #[test]
    fn no_damage_makes_it_panic(
        at in 0.0_f64..1.0,
        bytes in prop::collection::vec(any::<u8>(), 1..200),
        length in prop::option::of(0.0_f64..1.0),
    ) {
        let place = Place::new();
        fs::write(place.path(), good()).expect("it can be written");
        let mut damaged = good().to_vec();
        let from = (damaged.len() as f64 * at) as usize;
        for (index, byte) in bytes.into_iter().enumerate() {
            if let Some(own) = damaged.get_mut(from + index) {
                *own = byte;
            }
        }
        if let Some(length) = length {
            damaged.truncate((damaged.len() as f64 * length) as usize);
        }
        fs::write(place.path(), damaged).expect("it can be written");
        if let Ok(reader) = Reader::open(&place.path()) {
            let _ = reader.vehicles();
            let _ = reader.metrics();
            for metric in ["level", "speed"] {
                let key = car().key();
                let _ = reader.series(Query {
                    vehicle: &key, metric, from_ms: 0, to_ms: i64::MAX,
                });
            }
        }
        if let Ok(mut recorder) = Recorder::open(&place.settings, Cars::Real) {
            for time in 0..3 {
                let time = 10_000_000_000 + time;
                let _ = recorder.record(&[report(time, &[("level", time as f64), ("new", 1.0)])]);
            }
        }
    }
}

/// A history with rows and chunks.
fn good() -> &'static [u8] {
    static GOOD: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    GOOD.get_or_init(|| {
        let place = Place::new();
        let mut recorder = place.recorder();
        let reports: Vec<_> = (0..3_000)
            .map(|step| {
                report(
                    step * 1_000,
                    &[("level", step as f64 / 8.0), ("speed", (step % 7) as f64)],
                )
            })
            .collect();
        recorder.record(&reports).expect("it is written");
        drop(recorder);
        fs::read(place.path()).expect("it is there")
    })
}
