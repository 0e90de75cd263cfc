//! What a car does, when it is asked and what; the rest is in the files below.

mod answers;
mod noticed;
mod properties;
mod waits;

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
