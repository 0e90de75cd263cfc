use std::collections::{BTreeMap, HashSet};

use super::*;
use crate::simulator::moment::{Moment, PlugState, Update};

/// A Monday, 03:00 UTC.
const START: i64 = 1_767_582_000_000 + 3 * HOUR;

fn car(index: u64) -> Car {
    Car::new(Identity::new(7, index), START)
}

/// Every moment of some days, `step` ms apart.
fn watch(index: u64, days: i64, step: i64, mut see: impl FnMut(&Car, &Moment)) {
    let mut car = car(index);
    for now in (START..START + days * DAY_MS).step_by(step as usize) {
        car.advance(now);
        see(&car, &car.moment(now));
    }
}

#[test]
fn what_the_battery_loses_or_gets_is_the_integral_of_the_power() {
    for index in 0..4 {
        let (mut flowed, mut turnover, mut first, mut last) = (0.0, 0.0, None, 0.0);
        watch(index, 3, 1_000, |_, moment| {
            first.get_or_insert(moment.kwh);
            flowed += moment.power / 3600.0;
            turnover += moment.power.abs() / 3600.0;
            last = moment.kwh;
        });
        let lost = first.expect("at least one moment") - last;
        assert!(turnover > 5.0, "car {index} did something: {turnover} kWh");
        assert!(
            (lost - flowed).abs() < 0.005 * turnover,
            "car {index}: lost {lost} kWh, power says {flowed}"
        );
    }
}

#[test]
fn distance_on_the_map_is_distance_on_the_odometer_is_speed_times_time() {
    for index in 0..4 {
        let mut before: Option<Moment> = None;
        let (mut driven, mut of_speed) = (0.0, 0.0);
        watch(index, 2, 1_000, |car, moment| {
            if let Some(before) = &before {
                let odometer = moment.metres - before.metres;
                assert!(odometer >= 0.0, "the odometer only goes up");
                let (east, north) = before.position.offset_to(moment.position);
                let moved = east.hypot(north);
                assert!(
                    (moved - odometer).abs() < 3.0,
                    "car {index} {}: moved {moved} m, odometer {odometer} m",
                    car.doing()
                );
                driven += odometer;
                of_speed += f64::midpoint(before.speed, moment.speed);
            }
            before = Some(moment.clone());
        });
        assert!(driven > 5_000.0, "car {index} drove {driven} m");
        assert!(
            (of_speed / driven - 1.0).abs() < 0.01,
            "{of_speed} {driven}"
        );
    }
}

#[test]
fn the_state_of_charge_stays_in_bounds_and_charging_stops_at_the_limit() {
    for index in 0..8 {
        let mut completed = 0;
        let mut before = PlugState::Disconnected;
        watch(index, 21, 20_000, |car, moment| {
            assert!((1.0..=100.0).contains(&moment.level), "{}", moment.level);
            let limit = car.identity.limit as f64;
            if matches!(moment.charging, PlugState::Charging | PlugState::Complete) {
                assert!(moment.level <= limit + 1e-6, "{} of {limit}", moment.level);
            }
            if before == PlugState::Charging && moment.charging == PlugState::Complete {
                completed += 1;
                assert!(
                    (moment.level - limit).abs() < 0.05,
                    "{} of {limit}",
                    moment.level
                );
            }
            before = moment.charging;
        });
        assert!(completed >= 2, "car {index} completed {completed} charges");
    }
}

#[test]
fn plugging_goes_through_its_states_in_order() {
    use PlugState::{Charging, Complete, Disconnected, Starting, Stopped};
    let mut seen = HashSet::new();
    for index in 0..4 {
        let mut before = None;
        watch(index, 14, 5_000, |_, moment| {
            let now = moment.charging;
            if let Some(before) = before
                && before != now
            {
                let follows = match before {
                    Disconnected => matches!(now, Stopped | Starting),
                    Starting => matches!(now, Charging | Stopped),
                    Charging => matches!(now, Complete | Stopped),
                    Complete | Stopped => matches!(now, Disconnected | Starting),
                };
                assert!(follows, "{before:?} → {now:?}");
                seen.insert((before.as_str(), now.as_str()));
            }
            before = Some(now);
        });
    }
    assert!(seen.len() >= 6, "{seen:?}");
}

#[test]
fn everything_that_can_happen_happens_within_a_month() {
    let mut seen = BTreeMap::<&str, u64>::new();
    let mut dc = 0.0_f64;
    for index in 0..4 {
        watch(index, 30, 30_000, |car, moment| {
            *seen.entry(car.doing()).or_default() += 1;
            *seen.entry(car.state(moment.now).as_str()).or_default() += 1;
            if moment.dc {
                dc = dc.max(moment.flow.kw);
            }
        });
    }
    let all = [
        "standing",
        "preparing",
        "boarding",
        "driving",
        "alighting",
        "charging",
        "downloading",
        "installing",
        "online",
        "asleep",
        "offline",
    ];
    for doing in all {
        assert!(seen.contains_key(doing), "{doing} never happened: {seen:?}");
    }
    assert!(dc > 50.0, "no direct current: {dc} kW");
}

#[test]
fn a_car_that_nobody_asks_sleeps_and_one_that_is_asked_each_minute_does_not() {
    for index in 0..4 {
        let end = START + 2 * DAY_MS;
        let mut quiet = car(index);
        quiet.advance(end);
        let slept = quiet.sleep(end).slept;
        assert!(
            slept > Duration::from_secs(10 * 3600),
            "car {index} slept {slept:?}"
        );
        assert!(quiet.sleep(end).times >= 2);

        let mut asked = car(index);
        for now in (START..end).step_by(MINUTE as usize) {
            asked.advance(now);
            if asked.state(now) == State::Online {
                asked.disturb(now);
            }
        }
        asked.advance(end);
        let mostly_offline = asked.identity.deep_garage;
        assert!(
            mostly_offline || asked.sleep(end).slept == Duration::ZERO,
            "car {index} slept {:?} although it was asked",
            asked.sleep(end).slept
        );
        assert!(asked.kwh.is_finite());
    }
}

#[test]
fn a_car_falls_asleep_after_fifteen_idle_minutes_and_each_answer_starts_them_again() {
    let mut car = car(2);
    let at = |minutes: i64| START + minutes * MINUTE;
    car.advance(at(14));
    assert_eq!(car.state(at(14)), State::Online);
    car.disturb(at(14));
    car.advance(at(28));
    assert_eq!(car.state(at(28)), State::Online);
    car.advance(at(29));
    assert_eq!(car.state(at(29)), State::Asleep);
    car.disturb(at(30));
    assert_eq!(
        car.state(at(30)),
        State::Asleep,
        "a question does not wake it"
    );
    car.wake(at(30));
    assert_eq!(car.state(at(30)), State::Asleep, "waking takes a while");
    assert_eq!(car.state(at(31)), State::Online);
    assert_eq!(car.sleep(at(31)).wake_ups, 1);
    assert_eq!(car.sleep(at(31)).slept, Duration::from_secs(60));
}

#[test]
fn how_often_a_car_is_looked_at_changes_nothing() {
    for index in 0..8 {
        let end = START + 9 * DAY_MS + 12_345;
        let mut once = car(index);
        once.advance(end);
        let mut often = car(index);
        for now in (START..end).step_by(97_000) {
            often.advance(now);
            often.moment(now);
        }
        often.advance(end);
        assert_eq!(format!("{once:?}"), format!("{often:?}"), "car {index}");
    }
}

#[test]
fn a_jump_of_a_century_costs_no_more_than_a_year_of_life() {
    let mut car = car(0);
    let later = START + 100 * 366 * DAY_MS;
    car.advance(later);
    assert!(car.phase.end > later);
    assert!(car.happened < 400 * 40, "{} phases", car.happened);
}

#[test]
fn the_end_of_time_breaks_no_car() {
    let end = crate::simulator::clock::LAST_MS;
    for index in 0..4 {
        let mut car = car(index);
        for now in [end - DAY_MS, end] {
            car.advance(now);
            car.disturb(now);
            car.wake(now);
            assert!(car.moment(now).kwh.is_finite());
        }
        let mut late = Car::new(Identity::new(7, index), end);
        late.advance(end);
        assert!(late.moment(end).level > 0.0);
    }
}

#[test]
fn an_update_is_loaded_offered_and_installed_and_then_the_version_is_another() {
    for index in 0..4 {
        let stage = |update: Update| match update {
            Update::Idle => 0,
            Update::Downloading(_) => 1,
            Update::Scheduled(_) => 2,
            Update::Installing(_) => 3,
        };
        let (mut before, mut installed) = (None, 0);
        watch(index, 30, MINUTE, |_, moment| {
            let now = (stage(moment.update), moment.version);
            if let Some((from, version)) = before
                && from != now.0
            {
                assert_eq!(now.0, (from + 1) % 4, "stages come in order");
                assert_eq!(
                    version != now.1,
                    now.0 == 0,
                    "installing changes the version"
                );
                installed += u64::from(now.0 == 0);
            }
            before = Some(now);
        });
        assert!(installed >= 1, "car {index} got no update in a month");
    }
}

#[test]
fn a_car_that_preheats_is_warm_and_unlocked_only_with_its_owner_and_its_tyres_warm_up() {
    let (mut left, mut warmed, mut driving) = (0, 0, false);
    let mut cold = 0.0;
    watch(0, 7, 20_000, |car, moment| {
        assert_eq!(
            moment.user_present,
            matches!(car.doing(), "boarding" | "driving" | "alighting")
        );
        if moment.driving() && !driving && moment.departure.is_some() {
            left += 1;
            cold = moment.tyres.1;
            if car.place == Place::Home && car.happened > 10 {
                warmed += 1;
                assert!((moment.inside - 21.0).abs() < 2.5, "{} °C", moment.inside);
            }
        }
        if driving && !moment.driving() {
            assert!(
                moment.tyres.1 > cold + 3.0,
                "{} °C after {cold} °C",
                moment.tyres.1
            );
        }
        driving = moment.driving();
    });
    assert!(
        left >= 10 && warmed >= 4,
        "{left} drives, {warmed} from home"
    );
}
