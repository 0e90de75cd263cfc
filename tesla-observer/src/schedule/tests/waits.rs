//! Turns and waits: errors, fuses, paces, and machines that slept.

use super::*;

#[tokio::test(start_paused = true)]
async fn turns_do_not_drift_with_the_time_that_they_take_and_missed_ones_do_not_come_in_a_burst() {
    let settings = Settings {
        interval: Some(10 * SECOND),
        ..Settings::default()
    };
    let first = Instant::now();
    let mut schedule = Schedule::new(settings, first);
    let mut took = |began: Duration, now: Duration| {
        let driving = Condition {
            doing: Doing::Driving,
            ..Condition::default()
        };
        let came = Came::Read(&driving);
        schedule.came(first + began, first + now, came, Pace::USUAL);
        schedule.next().map(|turn| turn.at - first)
    };
    assert_eq!(took(Duration::ZERO, 3 * SECOND), Some(10 * SECOND));
    assert_eq!(took(10 * SECOND, 11 * SECOND), Some(20 * SECOND));
    assert_eq!(took(20 * SECOND, 57 * SECOND), Some(60 * SECOND));
    // It began late: the next one is not near.
    assert_eq!(took(68 * SECOND, 68 * SECOND), Some(80 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn no_failure_brings_a_turn_sooner_and_a_long_wait_ends_at_a_regular_turn() {
    let settings = Settings {
        interval: Some(300 * SECOND),
        ..Settings::default()
    };
    let mut car = Asked::new(settings);
    car.turn();
    car.does(Doing::Driving);
    assert_eq!(car.turn().0, 300 * SECOND);
    car.fails(Problem::RateLimited, Next::After(10 * SECOND));
    assert_eq!(car.turn().0, 300 * SECOND, "not after 10 s");
    car.fails(Problem::RateLimited, Next::After(3_601 * SECOND));
    assert_eq!(car.turn().0, 3_900 * SECOND, "not after 3,601 s");
    car.fails(Problem::RateLimited, Next::After(Duration::MAX));
    assert_eq!(car.turn().0, LONGEST);
}

#[tokio::test(start_paused = true)]
async fn a_car_that_is_not_found_any_more_is_not_asked_until_a_list_has_it() {
    let mut car = Asked::usual();
    car.turn();
    car.idles();
    for _ in 0..8 {
        car.turn();
        assert_ne!(car.activity(), Activity::Removed);
        car.fails(Problem::NotFound, Next::AsUsual);
    }
    assert_eq!(car.activity(), Activity::Removed);
    assert_eq!(car.schedule.next(), None);
    car.now += 10 * MINUTE;
    car.schedule.listed(car.now);
    let (wait, ask) = car.turn();
    assert!(wait <= 30 * SECOND, "{wait:?}");
    assert_eq!(ask, Ask::StateThenData);
    car.idles();
    assert_eq!(car.activity(), Activity::Idle);
    // A list changes nothing for others.
    let before = car.schedule.next();
    car.schedule.listed(car.now);
    assert_eq!(car.schedule.next(), before);
}

#[tokio::test(start_paused = true)]
async fn after_three_failures_of_the_service_pauses_are_longer_until_it_answers() {
    let mut car = Asked::usual();
    car.turn();
    car.does(Doing::Driving);
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(car.turn().0.as_secs_f64());
        car.fails(Problem::Server, Next::After(10 * SECOND));
    }
    assert_eq!(waits, [2.5, 10.0, 10.0, 60.0, 120.0, 240.0]);
    car.turn();
    car.does(Doing::Driving);
    car.turn();
    car.fails(Problem::Server, Next::After(10 * SECOND));
    assert_eq!(car.turn().0, 10 * SECOND);
    // This machine's own network is none of the service's failures.
    for _ in 0..10 {
        car.fails(Problem::Unreachable, Next::AsUsual);
        assert_eq!(car.turn().0, Duration::from_millis(2_500));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pace_stretches_every_wait() {
    for (state, usual) in [
        (Availability::Asleep, 30 * SECOND),
        (Availability::InService, 15 * MINUTE),
    ] {
        let mut car = Asked::usual();
        car.turn();
        car.schedule
            .came(car.now, car.now, Came::State(state), Pace::always(4.0));
        assert_eq!(car.turn().0, 4 * usual, "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_stretched_wait_uses_up_the_time_of_a_budget_that_has_begun_anew_and_not_all_end_at_once()
 {
    let start = Instant::now();
    let midnight = start + 20 * MINUTE;
    let pace = Pace {
        times: 1_000.0,
        lasts: midnight - start,
    };
    let mut ends: Vec<Instant> = (0..100)
        .map(|n| {
            let first = start - 200 * MINUTE + Duration::from_millis(250) * n;
            let mut schedule = Schedule::new(Settings::default(), first);
            schedule.came(start, start, Came::State(Availability::Asleep), pace);
            schedule.next().expect("there is a next turn").at
        })
        .collect();
    ends.sort_unstable();
    assert!(ends[0] >= midnight && ends[99] <= midnight + 30 * SECOND);
    for near in ends.windows(2) {
        assert_eq!(near[1] - near[0], Duration::from_millis(250));
    }
    // What the service said holds all the same, and so does what ends before.
    let mut schedule = Schedule::new(Settings::default(), start);
    let told = Came::Failed(Problem::RateLimited, Next::After(60 * MINUTE));
    schedule.came(start, start, told, pace);
    let at = schedule.next().expect("there is a next turn").at;
    assert!(at >= start + 60 * MINUTE && at <= start + 61 * MINUTE);
    let slightly = Pace { times: 4.0, ..pace };
    schedule.came(at, at, Came::State(Availability::Asleep), slightly);
    let wait = schedule.next().expect("there is a next turn").at - at;
    assert_eq!(wait, 120 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn turns_that_were_slept_through_come_at_their_own_times_and_not_at_once() {
    let start = Instant::now();
    let awake = start + 8 * 60 * MINUTE;
    let mut turns: Vec<Instant> = (0..100)
        .map(|n| {
            let first = start + Duration::from_millis(250) * n;
            let mut schedule = Schedule::new(Settings::default(), first);
            assert!(!schedule.overslept(first + 29 * SECOND), "only late");
            schedule.came(first, first, Came::State(Availability::Asleep), Pace::USUAL);
            let ask = schedule.next().expect("there is a next turn").ask;
            assert!(schedule.overslept(awake));
            let turn = schedule.next().expect("there is a next turn");
            assert_eq!(turn.ask, ask);
            assert!(!schedule.overslept(turn.at));
            turn.at
        })
        .collect();
    turns.sort_unstable();
    assert!(turns[0] >= awake && turns[99] <= awake + 30 * SECOND);
    for near in turns.windows(2) {
        assert_eq!(near[1] - near[0], Duration::from_millis(250));
    }
}
