use proptest::prelude::*;

use super::*;
use crate::model::Blocker;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A vehicle, and what it answers.
struct Asked {
    schedule: Schedule,
    now: Instant,
    start: Instant,
    timestamp: i64,
}

impl Asked {
    fn new(settings: Settings) -> Self {
        let start = Instant::now();
        Self {
            schedule: Schedule::new(settings, start),
            now: start,
            start,
            timestamp: 0,
        }
    }

    fn usual() -> Self {
        Self::new(Settings::default())
    }

    /// Goes to the next turn: after how much time it comes, and what is asked.
    fn turn(&mut self) -> (Duration, Ask) {
        let turn = self.schedule.next().expect("there is a next turn");
        let waited = turn.at - self.now;
        self.now = turn.at;
        (waited, turn.ask)
    }

    fn came(&mut self, came: Came<'_>) -> Told {
        self.schedule.came(self.now, self.now, came, Pace::USUAL)
    }

    fn state(&mut self, availability: Availability) {
        self.came(Came::State(availability));
    }

    fn fails(&mut self, problem: Problem, next: Next) {
        self.came(Came::Failed(problem, next));
    }

    fn reads(&mut self, condition: Condition) -> Told {
        self.timestamp += 1;
        let timestamp_ms = Some(self.timestamp);
        self.came(Came::Read(&Condition {
            timestamp_ms,
            ..condition
        }))
    }

    fn does(&mut self, doing: Doing) -> Told {
        self.reads(Condition {
            doing,
            ..Condition::default()
        })
    }

    fn idles(&mut self) -> Told {
        self.does(Doing::Idle)
    }

    /// Turn after turn at which it idles, or its state is online where only that is asked for, until
    /// it is in the activity: how long that took.
    fn until(&mut self, activity: Activity) -> Duration {
        let began = self.now;
        for _ in 0..10_000 {
            if self.schedule.activity() == activity {
                return self.now - began;
            }
            match self.turn().1 {
                Ask::State => self.state(Availability::Online),
                Ask::StateThenData | Ask::Data => {
                    self.idles();
                }
            }
        }
        panic!("it was never {activity:?}");
    }

    fn activity(&self) -> Activity {
        self.schedule.activity()
    }
}

fn charging(kw: f64) -> Doing {
    Doing::Charging { kw: Some(kw) }
}

#[tokio::test(start_paused = true)]
async fn each_activity_has_its_interval_and_an_awake_car_is_asked_for_its_data_at_once() {
    let mut car = Asked::usual();
    assert_eq!(car.turn(), (Duration::ZERO, Ask::StateThenData));
    for (doing, wait, activity) in [
        (Doing::Idle, 15.0, Activity::Idle),
        (Doing::Driving, 2.5, Activity::Driving),
        (charging(250.0), 5.0, Activity::Charging),
        (charging(22.0), 11.0, Activity::Charging),
        (charging(7.0), 20.0, Activity::Charging),
        (Doing::Updating, 15.0, Activity::Updating),
    ] {
        car.does(doing);
        assert_eq!(car.activity(), activity);
        let wait = Duration::from_secs_f64(wait);
        assert_eq!(car.turn(), (wait, Ask::Data), "{doing:?}");
    }
    for (state, wait) in [
        (Availability::Asleep, 30),
        (Availability::Offline, 30),
        (Availability::InService, 900),
    ] {
        car.state(state);
        let wait = Duration::from_secs(wait);
        assert_eq!(car.turn(), (wait, Ask::StateThenData), "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_car_that_does_nothing_for_a_quarter_of_an_hour_is_left_alone() {
    let mut car = Asked::usual();
    car.turn();
    car.does(Doing::Driving);
    car.turn();
    car.idles();
    let idle = car.until(Activity::Suspended);
    assert_eq!(idle, 15 * MINUTE);
    // Only its state is asked for, and then once for its data.
    let mut states = 0;
    let left_alone_at = car.now;
    loop {
        match car.turn() {
            (wait, Ask::State) => {
                assert_eq!(wait, 30 * SECOND);
                car.state(Availability::Online);
                states += 1;
            }
            (_, Ask::Data) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(car.now - left_alone_at, 21 * MINUTE);
    assert_eq!(states, 41);
    // It still does nothing: left alone again, at once.
    car.idles();
    assert_eq!(car.activity(), Activity::Suspended);
    assert_eq!(car.turn(), (30 * SECOND, Ask::State));
    car.state(Availability::Asleep);
    assert_eq!(car.activity(), Activity::Asleep);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_car_awake_keeps_it_from_being_left_alone() {
    let mut car = Asked::usual();
    for _ in 0..1_000 {
        assert_ne!(car.turn().1, Ask::State);
        car.reads(Condition {
            blocker: Some(Blocker::Sentry),
            ..Condition::default()
        });
        assert_eq!(car.activity(), Activity::Idle);
    }
    // And its quarter of an hour begins when that has ended.
    let since = car.now;
    car.until(Activity::Suspended);
    assert_eq!(car.now - since, 15 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_car_that_wakes_up_is_read_in_the_same_turn_and_left_alone_soon_if_nothing_comes_of_it() {
    let mut car = Asked::usual();
    car.turn();
    car.state(Availability::Asleep);
    assert_eq!(car.turn(), (30 * SECOND, Ask::StateThenData));
    car.idles();
    assert_eq!(car.until(Activity::Suspended), 3 * MINUTE);
    // Something comes of it: the usual time.
    car.state(Availability::Asleep);
    car.turn();
    car.idles();
    car.turn();
    car.reads(Condition {
        blocker: Some(Blocker::Door),
        ..Condition::default()
    });
    assert_eq!(car.until(Activity::Suspended), 15 * MINUTE);
}

#[tokio::test(start_paused = true)]
async fn a_car_that_woke_up_to_charge_is_left_alone_soon_after_it_and_one_just_plugged_in_is_not() {
    for (before, after) in [(Availability::Asleep, 3), (Availability::InService, 15)] {
        let mut car = Asked::usual();
        car.turn();
        car.state(before);
        for _ in 0..10 {
            car.turn();
            car.does(charging(11.0));
        }
        car.turn();
        car.idles();
        assert_eq!(car.until(Activity::Suspended), after * MINUTE, "{before:?}");
        assert_eq!(car.schedule.idle_wakings, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_car_that_comes_online_for_nothing_again_and_again_is_not_asked_until_it_stays_so() {
    let mut car = Asked::usual();
    car.turn();
    car.state(Availability::Asleep);
    for _ in 0..2 {
        assert_eq!(car.turn().1, Ask::StateThenData);
        car.idles();
        car.until(Activity::Suspended);
        car.state(Availability::Asleep);
    }
    // From now on it is expected.
    for _ in 0..20 {
        assert_eq!(car.turn().1, Ask::State);
        car.state(Availability::Online);
        for _ in 0..5 {
            assert_eq!(car.turn().1, Ask::State);
            car.state(Availability::Online);
        }
        car.turn();
        car.state(Availability::Asleep);
    }
    // But if it stays online it is read; and being used, it is trusted again by and by.
    for used in 1..=7 {
        assert_eq!(car.turn().1, Ask::State, "{used}");
        let woke = car.now;
        car.state(Availability::Online);
        while car.turn().1 == Ask::State {
            car.state(Availability::Online);
        }
        assert_eq!(car.now - woke, 7 * 30 * SECOND);
        car.does(Doing::Driving);
        car.turn();
        car.state(Availability::Asleep);
    }
    assert_eq!(car.turn().1, Ask::StateThenData);
}

#[tokio::test(start_paused = true)]
async fn a_car_that_looks_online_but_has_no_data_is_not_pestered() {
    let mut car = Asked::usual();
    car.turn();
    car.state(Availability::Asleep);
    car.turn();
    car.came(Came::LooksOnline);
    assert_eq!(car.activity(), Activity::Suspended);
    let mut asked = Vec::new();
    for _ in 0..7 {
        let ask = car.turn().1;
        asked.push(ask);
        match ask {
            Ask::State => car.state(Availability::Online),
            _ => {
                car.came(Came::LooksOnline);
            }
        }
    }
    assert_eq!(asked[..6], [Ask::State; 6]);
    assert_eq!(asked[6], Ask::Data);
}

#[tokio::test(start_paused = true)]
async fn a_drive_goes_on_through_a_tunnel_and_ends_when_nothing_is_heard_for_long() {
    let mut car = Asked::usual();
    car.turn();
    car.does(Doing::Driving);
    let lost = car.now;
    let mut waits = Vec::new();
    while car.activity() == Activity::Driving {
        waits.push(car.turn().0);
        car.state(Availability::Offline);
        if car.activity() == Activity::Driving {
            assert_eq!(
                car.schedule.next().map(|turn| turn.ask),
                Some(Ask::StateThenData)
            );
        }
    }
    assert_eq!(car.activity(), Activity::Offline);
    assert_eq!(waits[0], Duration::from_millis(2_500));
    assert_eq!(waits[1..15], [5 * SECOND; 14]);
    assert_eq!(waits[16], 30 * SECOND);
    let lasted = car.now - lost;
    assert!(lasted >= 15 * MINUTE && lasted < 16 * MINUTE, "{lasted:?}");
    // The tunnel ends sooner.
    let mut car = Asked::usual();
    car.turn();
    car.does(Doing::Driving);
    car.turn();
    car.state(Availability::Offline);
    car.turn();
    assert_eq!(car.does(Doing::Driving).noticed, []);
    assert_eq!(car.turn(), (Duration::from_millis(2_500), Ask::Data));
}

#[tokio::test(start_paused = true)]
async fn a_long_sleep_is_looked_at_less_often_but_each_minute() {
    let mut car = Asked::usual();
    car.turn();
    let mut longest = Duration::ZERO;
    while car.now - car.start < 600 * MINUTE {
        car.state(Availability::Asleep);
        longest = longest.max(car.turn().0);
    }
    assert_eq!(longest, 50 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn one_interval_for_all_leaves_an_idle_car_alone_too() {
    let mut car = Asked::new(Settings {
        interval: Some(60 * SECOND),
        ..Settings::default()
    });
    car.turn();
    for doing in [Doing::Driving, charging(100.0), Doing::Updating] {
        car.does(doing);
        assert_eq!(car.turn().0, 60 * SECOND);
    }
    car.idles();
    assert_eq!(car.until(Activity::Suspended), 15 * MINUTE);
    assert_eq!(car.turn(), (60 * SECOND, Ask::State));
    car.state(Availability::Asleep);
    assert_eq!(car.turn(), (60 * SECOND, Ask::StateThenData));
    // Even one that is longer than all of it.
    let mut car = Asked::new(Settings {
        interval: Some(60 * MINUTE),
        ..Settings::default()
    });
    car.turn();
    car.idles();
    assert_eq!(car.activity(), Activity::Suspended);
    assert_eq!(car.turn(), (60 * MINUTE, Ask::Data));
}

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

/// What a turn can come to.
#[derive(Clone, Debug)]
enum Came1 {
    State(Availability),
    LooksOnline,
    Read(Doing, Option<Blocker>, i64),
    Failed(Problem, Next),
}

fn any_came() -> impl Strategy<Value = Came1> {
    let doing = prop_oneof![
        4 => Just(Doing::Idle),
        1 => Just(Doing::Driving),
        1 => (0.0..300.0).prop_map(charging),
        1 => Just(Doing::Updating),
    ];
    let blocker = prop_oneof![3 => Just(None), 1 => Just(Some(Blocker::Door))];
    let next = prop_oneof![
        Just(Next::AsUsual),
        (0_u64..100_000).prop_map(|seconds| Next::After(Duration::from_secs(seconds))),
        Just(Next::After(Duration::MAX)),
    ];
    let problem = prop_oneof![
        Just(Problem::Server),
        Just(Problem::Timeout),
        Just(Problem::NotFound),
        Just(Problem::RateLimited),
        Just(Problem::Panic),
    ];
    let state = prop_oneof![
        Just(Availability::Online),
        Just(Availability::Asleep),
        Just(Availability::Offline),
        Just(Availability::InService),
        Just(Availability::Unknown),
    ];
    prop_oneof![
        3 => state.prop_map(Came1::State),
        1 => Just(Came1::LooksOnline),
        6 => (doing, blocker, -1_000_i64..1_000_000).prop_map(|(d, b, t)| Came1::Read(d, b, t)),
        1 => (problem, next).prop_map(|(problem, next)| Came1::Failed(problem, next)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_comes_turns_go_on_keep_their_distance_and_leave_sleeping_cars_alone(
        steps in prop::collection::vec((any_came(), 0_u64..20_000, 0.0..5.0_f64), 1..200),
        minimum in 0_u64..60,
        interval in prop::option::of(1_u64..7_200),
    ) {
        let settings = Settings {
            minimum: Duration::from_secs(minimum),
            interval: interval.map(Duration::from_secs),
            ..Settings::default()
        };
        let start = Instant::now();
        let mut schedule = Schedule::new(settings, start);
        let mut before: Option<Instant> = None;
        let mut suspended_since: Option<Instant> = None;
        for (came, took, pace) in steps {
            let Some(turn) = schedule.next() else {
                prop_assert_eq!(schedule.activity(), Activity::Removed);
                let last = before.unwrap_or(start);
                schedule.listed(last + MINUTE);
                prop_assert!(schedule.next().is_some_and(|turn| turn.at >= last));
                before = None;
                continue;
            };
            // Never nearer than the minimum, but for a tenth that a late beginning may take.
            if let Some(before) = before {
                let apart = turn.at - before;
                prop_assert!(apart >= settings.minimum.mul_f64(0.9), "{:?}", apart);
                prop_assert!(turn.at > before, "no progress");
                prop_assert!(apart <= LONGEST + Duration::from_secs(2 * 86_400), "{:?}", apart);
            }
            match schedule.activity() {
                Activity::Asleep | Activity::Offline => prop_assert_ne!(turn.ask, Ask::Data),
                Activity::Suspended if turn.ask != Ask::State => {
                    // One probe, and not soon.
                    prop_assert_eq!(turn.ask, Ask::Data);
                    let since = suspended_since.unwrap_or(turn.at);
                    prop_assert!(turn.at - since >= settings.doubt_for);
                }
                _ => {}
            }
            let began = turn.at;
            let now = began + Duration::from_millis(took);
            // What is not asked for does not come.
            let came = match (turn.ask, came) {
                (Ask::State, Came1::Read(..) | Came1::LooksOnline) => {
                    Came1::State(Availability::Online)
                }
                (_, Came1::State(Availability::Online)) if turn.ask != Ask::State => {
                    Came1::LooksOnline
                }
                (_, came) => came,
            };
            let was = schedule.activity();
            let failed = matches!(came, Came1::Failed(..));
            match came {
                Came1::State(state) => schedule.came(began, now, Came::State(state), Pace::always(pace)),
                Came1::LooksOnline => schedule.came(began, now, Came::LooksOnline, Pace::always(pace)),
                Came1::Failed(problem, next) => {
                    let told = schedule.came(began, now, Came::Failed(problem, next), Pace::always(pace));
                    // A failure tells nothing of the vehicle.
                    let is = schedule.activity();
                    prop_assert!(is == was || is == Activity::Removed);
                    if let (Next::After(wait), Some(turn)) = (next, schedule.next()) {
                        prop_assert!(turn.at >= now + wait.min(LONGEST));
                    }
                    told
                }
                Came1::Read(doing, blocker, timestamp) => {
                    let condition = Condition {
                        doing,
                        blocker,
                        timestamp_ms: Some(timestamp),
                        ..Condition::default()
                    };
                    let told = schedule.came(began, now, Came::Read(&condition), Pace::always(pace));
                    if blocker.is_some() && !told.outdated {
                        prop_assert_ne!(schedule.activity(), Activity::Suspended);
                    }
                    told
                }
            };
            if schedule.activity() != Activity::Suspended {
                suspended_since = None;
            } else if was != Activity::Suspended || (turn.ask == Ask::Data && !failed) {
                suspended_since = Some(now);
            }
            before = Some(began);
        }
    }
}
