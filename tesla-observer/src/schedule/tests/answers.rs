//! Answers that take time, and answers that tell nothing.

use super::*;

/// An answer that takes its time.
fn answer(schedule: &mut Schedule, turn: Turn, took: u64, came: Came<'_>) {
    let ended = turn.at + Duration::from_millis(took);
    schedule.came(turn.at, ended, came, Pace::USUAL);
}

#[tokio::test(start_paused = true)]
async fn however_long_answers_take_a_car_that_is_left_alone_is_read_after_21_minutes() {
    for (data, state) in [(0, 0), (400, 300), (400, 500), (9_000, 100), (100, 9_000)] {
        let start = Instant::now();
        let mut schedule = Schedule::new(Settings::default(), start);
        let (mut left_alone, mut probes) = (None, Vec::new());
        while let Some(turn) = schedule.next() {
            if turn.at - start > 200 * MINUTE {
                break;
            }
            let before = schedule.activity();
            if turn.ask == Ask::State {
                let online = Came::State(Availability::Online);
                answer(&mut schedule, turn, state, online);
                continue;
            }
            answer(&mut schedule, turn, data, Came::Read(&Condition::default()));
            if before == Activity::Suspended {
                probes.extend(left_alone.map(|since| turn.at - since));
            }
            left_alone = (schedule.activity() == Activity::Suspended).then_some(turn.at);
        }
        // The first 15 minutes are idle ones.
        assert_eq!(probes, [21 * MINUTE; 8], "{data} ms, {state} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn however_long_answers_take_a_doubted_car_is_read_when_it_has_stayed_online() {
    for (first, later) in [(0, 0), (300, 250), (250, 300), (100, 9_000)] {
        let start = Instant::now();
        let mut schedule = Schedule::new(Settings::default(), start);
        schedule.state = State::Asleep { since: start };
        schedule.idle_wakings = DOUBTED;
        let turn = |ask| Turn { at: start, ask };
        schedule.next = Some(turn(Ask::State));
        let mut took = first;
        let read = loop {
            let turn = schedule.next().expect("there is a next turn");
            if turn.ask != Ask::State {
                break turn.at;
            }
            let online = Came::State(Availability::Online);
            answer(&mut schedule, turn, took, online);
            took = later;
        };
        assert_eq!(read - start, 210 * SECOND, "{first} ms, {later} ms");
    }
}

/// Asked for a day, of which this comes each time that data are asked for, and this state otherwise:
/// how often, and for what.
fn a_day(car: &mut Asked, came: Came<'_>, state: Availability) -> (u32, u32) {
    let (since, mut states, mut data) = (car.now, 0, 0);
    while car.now - since < 24 * 60 * MINUTE {
        match car.turn().1 {
            Ask::State => {
                states += 1;
                car.state(state);
            }
            _ => {
                data += 1;
                car.came(came);
            }
        }
    }
    (states, data)
}

#[tokio::test(start_paused = true)]
async fn a_car_that_looks_online_and_has_no_data_is_left_alone_whatever_it_did() {
    for doing in [Doing::Idle, Doing::Driving, charging(7.0), Doing::Updating] {
        let mut car = Asked::usual();
        car.turn();
        car.does(doing);
        let (states, data) = a_day(&mut car, Came::LooksOnline, Availability::Online);
        assert_eq!(car.activity(), Activity::Suspended, "{doing:?}");
        // A quarter of an hour, and then once in 21 minutes.
        assert!((60..260).contains(&data), "{doing:?}: {data}");
        assert!(states < 24 * 120, "{doing:?}: {states}");
        // It is read as ever when it has data again.
        while car.turn().1 == Ask::State {
            car.state(Availability::Online);
        }
        car.does(Doing::Driving);
        assert_eq!(car.turn(), (Duration::from_millis(2_500), Ask::Data));
    }
}

#[tokio::test(start_paused = true)]
async fn a_car_of_whose_state_nothing_is_known_is_not_asked_as_if_it_went_on_driving() {
    let mut car = Asked::usual();
    car.turn();
    car.does(Doing::Driving);
    let unknown = Came::State(Availability::Unknown);
    let (states, data) = a_day(&mut car, unknown, Availability::Unknown);
    assert_ne!(car.activity(), Activity::Driving);
    assert!(states + data < 24 * 120 + 120, "{states} {data}");
}
