//! Values are written when they change, and hold until they end.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const LEVEL: &str = "chargestate_battery_level";
const MINUTE: i64 = 60_000;

fn rows(place: &Place) -> i64 {
    let count = "SELECT count(*) FROM history_point";
    let connection = &place.reader().connection;
    connection
        .query_row(count, [], |row| row.get(0))
        .expect("there is the table")
}

#[test]
fn a_value_that_did_not_change_is_not_written_again_and_is_held() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for minute in 0..10 {
        let level = if minute < 5 { 71.0 } else { 70.5 };
        let reports = [report(minute * MINUTE, &[(LEVEL, level)])];
        recorder.record(&reports).expect("it is written");
    }
    assert_eq!(rows(&place), 2);
    assert_eq!(
        place.held(LEVEL),
        [(0, 5 * MINUTE, 71.0), (5 * MINUTE, 9 * MINUTE, 70.5)]
    );
    // Also in a part of that time in which nothing was written.
    let series = place.series(LEVEL, MINUTE, 2 * MINUTE);
    assert_eq!(
        series[0].values,
        [Held {
            from_ms: MINUTE,
            until_ms: 2 * MINUTE,
            value: 71.0
        }]
    );
    assert_eq!(place.series(LEVEL, 10 * MINUTE, 20 * MINUTE), []);
}

#[test]
fn a_value_that_is_not_reported_any_more_has_ended() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for (minute, values) in [
        (0, &[("online", 1.0), (LEVEL, 71.0)][..]),
        (1, &[("online", 0.0)]),
        (2, &[("online", 0.0)]),
        (3, &[("online", 1.0), (LEVEL, 71.0)]),
        (4, &[("online", 1.0), (LEVEL, 71.0)]),
    ] {
        let reports = [report(minute * MINUTE, values)];
        recorder.record(&reports).expect("it is written");
    }
    assert_eq!(
        place.held(LEVEL),
        [(0, MINUTE, 71.0), (3 * MINUTE, 4 * MINUTE, 71.0)]
    );
}

#[test]
fn nothing_holds_where_nothing_was_heard_of_the_car() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let hour = 60 * MINUTE;
    for time in [0, 10 * MINUTE, 5 * hour, 5 * hour + MINUTE] {
        let reports = [report(time, &[(LEVEL, 71.0)])];
        recorder.record(&reports).expect("it is written");
    }
    let gap = [(0, 10 * MINUTE, 71.0), (5 * hour, 5 * hour + MINUTE, 71.0)];
    assert_eq!(place.held(LEVEL), gap);
    // An observer that was started anew does not know what was in between.
    drop(recorder);
    let again = 5 * hour + 2 * MINUTE;
    let mut recorder = place.recorder();
    let reports = [report(again, &[(LEVEL, 71.0)])];
    recorder.record(&reports).expect("it is written");
    assert_eq!(place.held(LEVEL)[2..], [(again, again, 71.0)]);
}

#[test]
fn a_car_that_is_asked_rarely_has_no_gaps_between_its_reports() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for quarter in 0..40 {
        let reports = [report(quarter * 15 * MINUTE, &[(LEVEL, 71.0)])];
        recorder.record(&reports).expect("it is written");
    }
    for half in 20..30 {
        let reports = [report(half * 30 * MINUTE, &[(LEVEL, 71.0)])];
        recorder.record(&reports).expect("it is written");
    }
    assert_eq!(place.held(LEVEL), [(0, 29 * 30 * MINUTE, 71.0)]);
}

#[test]
fn a_car_that_was_renamed_is_still_the_same_one() {
    let place = Place::new();
    let mut recorder = place.recorder();
    let renamed = Vehicle {
        vehicle_id: "Mo".to_owned(),
        ..car()
    };
    for report in [
        report(0, &[(LEVEL, 71.0)]),
        report(MINUTE, &[(LEVEL, 71.0)]),
        report_of(renamed.clone(), 2 * MINUTE, &[(LEVEL, 70.0)]),
    ] {
        recorder.record(&[report]).expect("it is written");
    }
    assert_eq!(
        place.held(LEVEL),
        [(0, MINUTE, 71.0), (2 * MINUTE, 2 * MINUTE, 70.0)]
    );
    let vehicles = place.reader().vehicles().expect("it can be read");
    assert_eq!(
        vehicles,
        [VehicleEntry {
            vehicle: renamed,
            first_ms: 0,
            last_ms: 2 * MINUTE
        }]
    );
}

#[test]
fn the_clock_may_be_put_back() {
    let place = Place::new();
    let mut recorder = place.recorder();
    for (minute, level) in [(0, 1.0), (60, 2.0), (30, 3.0), (31, 4.0), (61, 5.0)] {
        let reports = [report(minute * MINUTE, &[(LEVEL, level)])];
        recorder.record(&reports).expect("it is written");
    }
    let held = place.held(LEVEL);
    let values: Vec<f64> = held.iter().map(|(_, _, value)| *value).collect();
    assert_eq!(values, [1.0, 3.0, 4.0, 2.0, 5.0]);
    assert!(held.is_sorted_by(|one, next| one.1 <= next.0), "{held:?}");
}

/// What a model says of the same reports: how long each value held.
fn model(reports: &[(i64, Option<f64>)]) -> Vec<(i64, i64, f64)> {
    let mut held: Vec<(i64, i64, f64)> = Vec::new();
    let mut open = false;
    for (time, value) in reports {
        if let Some(last) = held.last_mut().filter(|_| open) {
            last.1 = *time;
            open = *value == Some(last.2);
        }
        if let (Some(value), false) = (value, open) {
            held.push((*time, *time, *value));
            open = true;
        }
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However many there are, packed or not, in one transaction or many.
    #[test]
    fn what_is_read_is_what_was_reported(
        changes in prop::collection::vec((1_i64..900_000, prop::option::weighted(0.95, 0_i32..40)), 1..3_000),
        together in 1_usize..50,
        window in (0.0_f64..1.0, 0.0_f64..1.0),
    ) {
        let place = Place::new();
        let mut recorder = place.recorder();
        let mut time = 1_700_000_000_000;
        let mut reported = Vec::new();
        for (after, value) in changes {
            time += after;
            reported.push((time, value.map(|value| f64::from(value) / 4.0)));
        }
        for some in reported.chunks(together) {
            let reports: Vec<_> = some
                .iter()
                .map(|(time, value)| {
                    let values: BTreeMap<&str, f64> = [("online", Some(1.0)), (LEVEL, *value)]
                        .into_iter()
                        .filter_map(|(name, value)| Some((name, value?)))
                        .collect();
                    report(*time, &values.into_iter().collect::<Vec<_>>())
                })
                .collect();
            recorder.record(&reports).expect("it is written");
        }
        let expected = model(&reported);
        prop_assert_eq!(&place.held(LEVEL), &expected);
        prop_assert_eq!(super::sql::held_by_the_view(&place, LEVEL), expected.clone());

        // Any part of it is the same, clipped.
        let (first, last) = (reported[0].0, time);
        let at = |share: f64| first + ((last - first) as f64 * share) as i64;
        let (from, to) = (at(window.0.min(window.1)), at(window.0.max(window.1)));
        let part: Vec<_> = place
            .series(LEVEL, from, to)
            .into_iter()
            .flat_map(|series| series.values)
            .map(|held| (held.from_ms, held.until_ms, held.value))
            .filter(|(from, until, _)| from < until)
            .collect();
        let clipped: Vec<_> = expected
            .into_iter()
            .map(|(since, until, value)| (since.max(from), until.min(to), value))
            .filter(|(from, until, _)| from < until)
            .collect();
        prop_assert_eq!(part, clipped);
    }
}
