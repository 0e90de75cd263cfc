//! What holds whatever comes.

use proptest::prelude::*;

use super::*;

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
                suspended_since = Some(began);
            }
            before = Some(began);
        }
    }
}
