//! A thousand vehicles: no minute has more requests than a normal one.

use std::collections::BTreeMap;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// How the service is.
#[derive(Clone, Copy)]
enum Service {
    Works,
    Fails,
    /// Says until when nobody may ask.
    Limits(Instant),
}

/// Requests of a thousand schedules in each minute. A vehicle goes on doing what it does.
fn requests(settings: Settings, service: impl Fn(Instant) -> Service, start: Instant) -> Vec<u64> {
    const COUNT: u32 = 1_000;
    let spread = (settings.first() / COUNT).min(Duration::from_millis(250));
    let mut schedules: Vec<Schedule> = (0..COUNT)
        .map(|n| Schedule::new(settings, start + spread * n))
        .collect();
    let kinds = [
        Came::State(Availability::Asleep),
        Came::State(Availability::Offline),
    ];
    let driving = Condition {
        doing: Doing::Driving,
        ..Condition::default()
    };
    let charging = Condition {
        doing: Doing::Charging { kw: Some(11.0) },
        ..Condition::default()
    };
    let sentry = Condition {
        blocker: Some(crate::model::Blocker::Sentry),
        ..Condition::default()
    };
    let conditions = [&driving, &charging, &sentry];
    let mut minutes = BTreeMap::<u64, u64>::new();
    for (n, schedule) in schedules.iter_mut().enumerate() {
        while let Some(turn) = schedule.next() {
            if turn.at >= start + HOUR * 5 / 2 {
                break;
            }
            let minute = (turn.at - start).as_secs() / 60;
            let came = match service(turn.at) {
                Service::Works => match n % 10 {
                    n @ (0 | 1) => kinds[n],
                    n => Came::Read(conditions[n % 3]),
                },
                Service::Fails => {
                    Came::Failed(Problem::Server, Next::After(Duration::from_secs(20)))
                }
                Service::Limits(until) => {
                    Came::Failed(Problem::RateLimited, Next::After(until - turn.at))
                }
            };
            // One request is counted for each turn, and two where the first wants another.
            let two = turn.ask == Ask::StateThenData && matches!(came, Came::Read(_));
            *minutes.entry(minute).or_default() += 1 + u64::from(two);
            schedule.came(turn.at, turn.at, came, Pace::USUAL);
        }
    }
    let last = minutes.keys().max().copied().unwrap_or_default();
    (0..last)
        .map(|minute| minutes.get(&minute).copied().unwrap_or_default())
        .collect()
}

/// With an outage in the second hour: no minute has more requests than the busiest normal one.
fn holds(settings: Settings, outage: impl Fn(Instant, Instant) -> Service) {
    let start = Instant::now();
    let normal = requests(settings, |_| Service::Works, start);
    // The busiest one of a normal hour, and the vehicle that an interval may have at both its ends.
    let most = normal[1..].iter().max().copied().unwrap_or_default();
    let ends = start + 2 * HOUR;
    let service = |now| match (start + HOUR..ends).contains(&now) {
        true => outage(now, ends),
        false => Service::Works,
    };
    let with_outage = requests(settings, service, start);
    assert!(with_outage[70..115].iter().all(|n| *n < most / 2));
    for (minute, requests) in with_outage.iter().enumerate().skip(1) {
        assert!(
            *requests <= most,
            "{requests} requests in minute {minute}, {most} in the busiest normal one"
        );
    }
    // And it does go on.
    let after: u64 = with_outage[125..145].iter().sum();
    let usual: u64 = normal[125..145].iter().sum();
    assert!(after.abs_diff(usual) * 100 <= usual, "{after} {usual}");
    assert!(normal[0] <= 2 * most, "the start: {} of {most}", normal[0]);
}

#[tokio::test(start_paused = true)]
async fn after_an_hour_of_errors_the_first_minute_is_a_normal_one() {
    holds(Settings::default(), |_, _| Service::Fails);
}

#[tokio::test(start_paused = true)]
async fn after_an_hour_that_the_service_wants_to_be_left_alone_the_first_minute_is_a_normal_one() {
    holds(Settings::default(), |_, ends| Service::Limits(ends));
}

#[tokio::test(start_paused = true)]
async fn the_same_holds_for_one_interval_for_all() {
    for seconds in [20, 300] {
        let settings = Settings {
            interval: Some(Duration::from_secs(seconds)),
            ..Settings::default()
        };
        let fewer = |_, ends| Service::Limits(ends);
        holds(settings, fewer);
    }
}
