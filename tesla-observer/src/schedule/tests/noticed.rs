//! Readings that are old, and what began unseen.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_reading_that_is_older_than_the_last_is_not_used_but_a_clock_may_be_put_right() {
    let mut car = Asked::usual();
    car.turn();
    let at = |timestamp_ms, doing| Condition {
        timestamp_ms: Some(timestamp_ms),
        doing,
        ..Condition::default()
    };
    let driving = at(1_000, Doing::Driving);
    assert!(!car.came(Came::Read(&driving)).outdated);
    car.turn();
    assert!(
        !car.came(Came::Read(&driving)).outdated,
        "the same one is no older"
    );
    car.turn();
    let older = at(999, Doing::Idle);
    assert!(car.came(Came::Read(&older)).outdated);
    assert_eq!(car.activity(), Activity::Driving);
    // For ten minutes, not for ever.
    let since = car.now;
    let accepted = loop {
        car.turn();
        if !car.came(Came::Read(&older)).outdated {
            break car.now;
        }
    };
    assert!(accepted - since >= 10 * MINUTE && accepted - since < 11 * MINUTE);
    assert_eq!(car.activity(), Activity::Idle);
}

#[tokio::test(start_paused = true)]
async fn what_began_unseen_is_noticed_and_what_was_seen_is_not() {
    let at = |doing, odometer: f64, range: f64| Condition {
        doing,
        odometer_miles: Some(odometer),
        range_miles: Some(range),
        battery_percent: Some(range / 4.0),
        software: Some("1".to_owned()),
        ..Condition::default()
    };
    let noticed = |state: Option<Availability>, minutes: u32, before: &Condition, after| {
        let mut car = Asked::usual();
        car.turn();
        car.reads(before.clone());
        if before.doing == Doing::Idle && state.is_none() {
            car.schedule.state = State::Suspended {
                probe: car.now,
                doubted: false,
            };
        }
        car.now += MINUTE;
        if let Some(state) = state {
            car.state(state);
        }
        car.now += minutes * MINUTE;
        car.reads(after).noticed
    };
    let parked = at(Doing::Idle, 100.0, 200.0);
    let asleep = Some(Availability::Asleep);
    let offline = Some(Availability::Offline);
    let drive = |miles| vec![Noticed::Drive { miles: Some(miles) }];
    let charge = vec![Noticed::Charge {
        miles: Some(40.0),
        percent: Some(10.0),
    }];
    for (state, minutes, after, expected) in [
        (None, 5, at(Doing::Driving, 100.0, 200.0), drive(0.0)),
        (None, 20, at(Doing::Idle, 107.0, 195.0), drive(7.0)),
        (offline, 60, at(Doing::Idle, 107.0, 195.0), drive(7.0)),
        (asleep, 60, at(Doing::Driving, 101.0, 199.0), drive(1.0)),
        (asleep, 60, at(Doing::Driving, 100.0, 199.0), vec![]),
        (asleep, 60, at(Doing::Idle, 100.0, 199.0), vec![]),
        (offline, 60, at(Doing::Idle, 100.0, 240.0), charge.clone()),
        (offline, 60, at(charging(7.0), 100.0, 240.0), charge),
        (asleep, 60, at(Doing::Idle, 100.0, 204.0), vec![]),
        (None, 2, at(Doing::Idle, 100.0, 240.0), vec![]),
    ] {
        let told = noticed(state, minutes, &parked, after.clone());
        assert_eq!(told, expected, "{state:?} {minutes} {after:?}");
    }
    // What was seen to begin went on out of sight.
    let driving = at(Doing::Driving, 100.0, 200.0);
    assert_eq!(
        noticed(offline, 60, &driving, at(Doing::Idle, 130.0, 170.0)),
        []
    );
    let charges = at(charging(7.0), 100.0, 200.0);
    assert_eq!(
        noticed(offline, 60, &charges, at(Doing::Idle, 100.0, 240.0)),
        []
    );
    let newer = Condition {
        software: Some("2".to_owned()),
        ..parked.clone()
    };
    let update = Noticed::Update {
        from: "1".to_owned(),
        to: "2".to_owned(),
    };
    assert_eq!(noticed(asleep, 60, &parked, newer.clone()), [update]);
    let updating = at(Doing::Updating, 100.0, 200.0);
    assert_eq!(noticed(offline, 25, &updating, newer), []);
}

#[tokio::test(start_paused = true)]
async fn what_one_reading_does_not_tell_is_not_forgotten() {
    let full = |timestamp_ms, odometer, range| Condition {
        timestamp_ms: Some(timestamp_ms),
        odometer_miles: Some(odometer),
        range_miles: Some(range),
        software: Some("1".to_owned()),
        ..Condition::default()
    };
    let mut car = Asked::usual();
    car.turn();
    car.came(Came::Read(&full(1_000, 100.0, 200.0)));
    car.turn();
    // Sections of the answer are null for once.
    car.came(Came::Read(&Condition::default()));
    car.turn();
    let older = car.came(Came::Read(&full(999, 100.0, 200.0)));
    assert!(older.outdated);
    car.turn();
    car.state(Availability::Offline);
    car.now += 60 * MINUTE;
    let told = car.came(Came::Read(&full(4_000_000, 150.0, 260.0)));
    let kinds: Vec<_> = told.noticed.iter().map(Noticed::as_str).collect();
    assert_eq!(kinds, ["drive", "charge"]);
}
