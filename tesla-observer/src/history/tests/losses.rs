//! The process is killed, the power goes, the disk is full, the file is taken away.

use std::fs;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const LEVEL: &str = "chargestate_battery_level";

fn copy(place: &Place, suffix: &str) -> Vec<u8> {
    let mut name = place.path().into_os_string();
    name.push(suffix);
    fs::read(name).unwrap_or_default()
}

fn write(place: &Place, suffix: &str, bytes: &[u8]) {
    let mut name = place.path().into_os_string();
    name.push(suffix);
    fs::write(name, bytes).expect("it can be written");
}

/// Whether SQLite finds anything wrong in the file.
fn is_whole(place: &Place) -> bool {
    let whole: String = place
        .reader()
        .connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("it can be checked");
    whole == "ok"
}

#[test]
fn what_is_committed_is_on_the_disk() {
    let place = Place::new();
    let recorder = place.recorder();
    let number = |pragma: &str| {
        let connection = recorder.writer.connection();
        connection
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i32>(0))
            .expect("there is the setting")
    };
    // FULL: the log is synced with each transaction.
    assert_eq!(number("synchronous"), 2);
    let connection = recorder.writer.connection();
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .expect("there is the setting");
    assert_eq!(mode, "wal");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// A loss of power leaves the log torn somewhere after what was synced: cut off, or with bytes that
    /// never got there. Each export is then there wholly or not at all, those before it all are, and it
    /// can be written on.
    #[test]
    fn a_torn_log_loses_whole_exports_at_its_end_only(
        exports in 1_usize..30,
        synced in 0.0_f64..1.0,
        torn in 0.0_f64..1.0,
        zeros in any::<bool>(),
    ) {
        let place = Place::new();
        let mut recorder = place.recorder();
        let metrics: Vec<String> = (0..40).map(|number| format!("metric_{number}")).collect();
        let mut ends = vec![(copy(&place, ""), copy(&place, "-wal"))];
        for export in 0..exports {
            let values: Vec<_> = metrics.iter().map(|name| (name.as_str(), export as f64)).collect();
            recorder.record(&[report(export as i64 * 1_000, &values)]).expect("it is written");
            ends.push((copy(&place, ""), copy(&place, "-wal")));
        }
        let sure = (exports as f64 * synced) as usize;
        let (base, log) = ends.last().expect("there is one");
        // Nothing has been moved from the log into the file meanwhile.
        prop_assume!(ends[sure].0 == *base);
        let from = ends[sure].1.len();
        let cut = from + ((log.len() - from) as f64 * torn) as usize;

        let after = Place::new();
        write(&after, "", base);
        let mut log = log.clone();
        match zeros {
            true => log[cut..].fill(0),
            false => log.truncate(cut),
        }
        write(&after, "-wal", &log);
        let mut again = after.recorder();
        prop_assert!(is_whole(&after));
        let found: Vec<_> = metrics
            .iter()
            .map(|name| after.held(name).len())
            .collect();
        let known = found[0];
        prop_assert!(found.iter().all(|count| *count == known), "not whole: {:?}", found);
        prop_assert!(known >= sure, "{known} of {sure} that were synced");
        for (index, (_, _, value)) in after.held(&metrics[0]).iter().enumerate() {
            prop_assert_eq!(*value, index as f64);
        }
        again.record(&[report(100_000, &[(&metrics[0], 1e6)])]).expect("it is written");
        prop_assert_eq!(after.held(&metrics[0]).len(), known + 1);
    }
}

/// Waits for what the history's thread does.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "not in time: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_history_that_cannot_be_opened_is_said_and_its_reports_are_counted() {
    let place = Place::new();
    fs::write(
        place.path(),
        "no database, and long enough to be read as one. ".repeat(50),
    )
    .expect("it can be written");
    let history = History::start(place.settings.clone(), Cars::Real);
    let Standing::Failed(why) = history.standing() else {
        panic!("{}", history.standing());
    };
    assert!(why.contains("it is no SQLite database"), "{why}");
    history.put(vec![report(0, &[(LEVEL, 1.0)]), report(1, &[(LEVEL, 1.0)])]);
    eventually("both are counted", || history.figures().lost == 2);
    assert!(!history.figures().kept);
}

#[tokio::test]
async fn what_was_handed_over_is_written_before_it_is_closed() {
    let place = Place::new();
    let history = History::start(place.settings.clone(), Cars::Real);
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    history.tell(move |figures| tells.lock().expect("nobody panics").push(figures));
    for time in 0..50 {
        history.put(vec![report(time, &[(LEVEL, time as f64)])]);
    }
    history.close(Duration::from_secs(10)).await;
    // Closed, it is one file and its lock.
    let directory = place.path().with_file_name("");
    assert_eq!(fs::read_dir(directory).expect("it is there").count(), 2);
    assert_eq!(place.held(LEVEL).len(), 50);
    let figures = *told
        .lock()
        .expect("nobody panics")
        .last()
        .expect("it was told");
    assert_eq!((figures.kept, figures.written, figures.lost), (true, 50, 0));
    assert!(figures.size > 10_000);
    // And what comes later is counted.
    history.put(vec![report(100, &[(LEVEL, 1.0)])]);
    assert_eq!(history.figures().lost, 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_moved_away_is_noticed() {
    let place = Place::new();
    let recorder = place.recorder();
    assert!(recorder.is_in_place());
    fs::rename(place.path(), place.path().with_extension("old")).expect("it is there");
    assert!(!recorder.is_in_place());
    fs::write(place.path(), "").expect("it can be written");
    assert!(!recorder.is_in_place());
}

/// What is wrong for a while does not end it.
#[test]
fn a_history_goes_on_after_an_error() {
    let place = Place::new();
    let mut recorder = place.recorder();
    recorder
        .record(&[report(0, &[(LEVEL, 1.0)])])
        .expect("it is written");
    // A full disk, as SQLite sees it.
    let connection = recorder.writer.connection();
    let pages: i64 = connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .expect("there is the setting");
    let limit = |pages: i64| {
        connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .expect("it can be set");
    };
    limit(pages);
    let many: Vec<String> = (0..500).map(|number| format!("metric_{number}")).collect();
    let values: Vec<_> = many.iter().map(|name| (name.as_str(), 1.0)).collect();
    let large = report(1_000, &values);
    let full = recorder
        .record(&[Arc::clone(&large)])
        .expect_err("there is no room");
    assert_eq!(full.error.problem, "the disk is full");
    assert!(full.damaged.is_none());
    assert_eq!(place.held("metric_0"), [], "nothing of it is there");
    let connection = recorder.writer.connection();
    connection
        .query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(()))
        .expect("it can be set");
    recorder.record(&[large]).expect("it is written");
    assert_eq!(place.held("metric_499"), [(1_000, 1_000, 1.0)]);
    assert!(is_whole(&place));
}
