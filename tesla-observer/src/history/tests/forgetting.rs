//! What is older than it is to be kept is forgotten.

use std::time::Duration;

use super::*;

const DAY: i64 = 86_400_000;

fn forget_all(recorder: &mut Recorder, now: i64) {
    while recorder.forget(now).expect("it can be written") {}
}

#[test]
fn what_is_too_old_goes_and_what_held_then_stays() {
    let mut place = Place::new();
    place.settings.keep = Some(Duration::from_secs(30 * 86_400));
    let mut recorder = place.recorder();
    // Every 15 minutes for 60 days; one value never changes.
    let steps = 60 * 24 * 4;
    for step in 0..=steps {
        let time = step * DAY / 96;
        let reports = [report(time, &[("changes", step as f64), ("stays", 1.0)])];
        recorder.record(&reports).expect("it is written");
    }
    let end = 60 * DAY;
    let before = place::size(&place.path());
    forget_all(&mut recorder, end);
    let changes = place.held("changes");
    let (first, _, _) = changes[0];
    // What is packed together goes together: not before all of it is too old.
    assert!((29 * DAY - 11 * DAY..=30 * DAY).contains(&first), "{first}");
    assert_eq!(changes.last().map(|last| last.2), Some(steps as f64));
    assert_eq!(place.held("stays"), [(0, end, 1.0)]);
    drop(recorder);
    let after = place::size(&place.path());
    assert!(after < before, "{after} of {before} bytes");
}

#[test]
fn a_car_that_is_gone_for_longer_is_forgotten_wholly() {
    let mut place = Place::new();
    place.settings.keep = Some(Duration::from_secs(30 * 86_400));
    let mut recorder = place.recorder();
    let sold = Vehicle {
        vehicle_id: "Sold".to_owned(),
        vin: Some("X".to_owned()),
    };
    recorder
        .record(&[
            report_of(sold, 0, &[("level", 2.0)]),
            report(0, &[("level", 1.0)]),
        ])
        .expect("it is written");
    recorder
        .record(&[report(60 * DAY, &[("level", 1.0)])])
        .expect("it is written");
    forget_all(&mut recorder, 60 * DAY);
    let vehicles = place.reader().vehicles().expect("it can be read");
    assert_eq!(
        vehicles
            .iter()
            .map(|entry| &entry.vehicle)
            .collect::<Vec<_>>(),
        [&car()]
    );
    let left: i64 = place
        .reader()
        .connection
        .query_row("SELECT count(*) FROM history_series", [], |row| row.get(0))
        .expect("there is the table");
    assert_eq!(left, 1);
    // The one that stays goes on, and so does one that comes back.
    recorder
        .record(&[report(61 * DAY, &[("level", 3.0)])])
        .expect("it is written");
    assert_eq!(place.held("level").last(), Some(&(61 * DAY, 61 * DAY, 3.0)));
}

#[test]
fn without_an_age_all_is_kept() {
    let place = Place::new();
    let mut recorder = place.recorder();
    recorder
        .record(&[report(0, &[("level", 1.0)])])
        .expect("it is written");
    forget_all(&mut recorder, i64::MAX);
    assert_eq!(place.held("level").len(), 1);
}
