//! A car: what it does one after the other, when it sleeps, and what that does to its battery.
//!
//! Its life is a list of phases, each with closed forms for everything in it, so a car is brought to
//! any time by ending the phases that are over: some twenty a day, whoever asks and however seldom.

mod at;
mod next;

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::simulator::charge::Charge;
use crate::simulator::drive::Drive;
use crate::simulator::driver::{Place, Trip};
use crate::simulator::fleet::Identity;
use crate::simulator::random::Random;
use crate::simulator::weather::{self, DAY_MS};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How long a car stays awake when nothing happens.
const IDLE: i64 = 15 * MINUTE;
const PREPARING: i64 = 10 * MINUTE;
const BOARDING: i64 = MINUTE;
/// Between a request to wake and the car's coming online.
const WAKING: i64 = 12_000;
/// What an awake, a watching and a sleeping car take, and one with a dog in it, kW.
const AWAKE_KW: f64 = 0.2;
const SENTRY_KW: f64 = 0.26;
const DOG_KW: f64 = 0.9;
const ASLEEP_KW: f64 = 0.012;
/// A jump of more than this is not lived through: the car just stood.
const LONGEST_LIFE: i64 = 400 * DAY_MS;

/// How long one looks online of which the sleep only seems to end, and how often.
const SEEMING: i64 = 150_000;
const SEEMS_EACH: i64 = HOUR;
/// How many drives and charges are remembered.
const OUTINGS: usize = 300;

/// A drive or a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outing {
    /// Whether it is a drive, or else a charge.
    pub is_drive: bool,
    /// When it began.
    pub start: SystemTime,
    /// When it ends.
    pub end: SystemTime,
    /// When the car has a connection, if not from the beginning on; after the end if never.
    pub connected: SystemTime,
}

/// How a car slept, and who disturbed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sleep {
    /// How long it has slept, in simulated time.
    pub slept: Duration,
    /// How often it fell asleep.
    pub times: u64,
    /// How often it was told to wake up.
    pub wake_ups: u64,
    /// How many answers reset its idle timer.
    pub disturbed: u64,
}

/// Whether a car can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Online,
    Asleep,
    Offline,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Asleep => "asleep",
            Self::Offline => "offline",
        }
    }
}

#[derive(Debug)]
enum Doing {
    Standing,
    Preparing(Trip),
    Boarding(Trip),
    Driving(Trip, Box<Drive>),
    Alighting,
    Charging(Box<Charge>),
    Downloading,
    Installing,
}

#[derive(Debug)]
struct Phase {
    start: i64,
    end: i64,
    doing: Doing,
}

/// What keeps a standing car awake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    Sentry,
    Dog,
}

/// How the last charge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Complete,
    Stopped,
}

#[derive(Debug)]
pub(super) struct Car {
    pub(super) identity: Identity,
    phase: Phase,
    // What held at the phase's start.
    kwh: f64,
    metres: f64,
    inside: f64,
    session_kwh: f64,
    place: Place,
    heading: f64,
    tyres: (i64, f64),
    plugged: Option<Ended>,
    dc_session: bool,
    trips: VecDeque<Trip>,
    planned_day: i64,
    happened: u64,
    version: usize,
    next_update: i64,
    install_at: Option<i64>,
    sleep_at: i64,
    online_from: i64,
    offline: Option<(i64, i64)>,
    /// What keeps it awake though it stands, and until when.
    watch: Option<(Watch, i64)>,
    outings: VecDeque<Outing>,
    sleep: Sleep,
    slept_ms: i64,
}

impl Car {
    pub(super) fn new(identity: Identity, now: i64) -> Self {
        let mut random = Random::new(identity.seed, &[identity.index, 0xCA]);
        let capacity = identity.model.capacity;
        let outside = weather::outside(
            identity.seed,
            identity.mean_temperature,
            identity.local_ms(now),
        );
        let mut car = Self {
            phase: Phase {
                start: now,
                end: now,
                doing: Doing::Standing,
            },
            kwh: capacity * random.between(0.62, 0.74),
            metres: random.between(9e6, 160e6),
            inside: outside + 2.0,
            session_kwh: 0.0,
            place: Place::Home,
            heading: random.between(0.0, 360.0),
            tyres: (now - random.below(36_000_000) as i64, outside),
            plugged: None,
            dc_session: false,
            trips: VecDeque::new(),
            planned_day: i64::MIN,
            happened: 0,
            version: 0,
            next_update: now + (random.between(0.5, 6.0) * DAY_MS as f64) as i64,
            install_at: None,
            sleep_at: now + IDLE,
            online_from: now,
            offline: None,
            watch: None,
            outings: VecDeque::new(),
            sleep: Sleep::default(),
            slept_ms: 0,
            identity,
        };
        // The first three show at once what there is to see: a drive, a charge, a parked car.
        let scene = if car.identity.index < 3 {
            car.identity.index
        } else {
            random.below(4)
        };
        match scene {
            0 => {
                let trip = Trip {
                    at: now,
                    from: Place::Home,
                    to: Place::Work,
                };
                car.plan(now);
                car.trips.retain(|trip| trip.at > now + 10 * HOUR);
                car.trips.push_front(Trip {
                    at: now + 2 * HOUR,
                    from: Place::Work,
                    to: Place::Home,
                });
                car.begin(now, now + 20_000, Doing::Boarding(trip));
            }
            1 => {
                car.plan(now);
                car.kwh = capacity * random.between(0.38, 0.5);
                car.plugged = Some(Ended::Stopped);
                car.charge(now, i64::MAX);
            }
            2 => car.decide(now),
            _ => {
                car.plugged = Some(Ended::Stopped);
                car.decide(now);
            }
        }
        car
    }

    /// Brings the car to the time `now`.
    pub(super) fn advance(&mut self, now: i64) {
        if now.saturating_sub(self.phase.end) > LONGEST_LIFE {
            let resumed = now - LONGEST_LIFE;
            self.settle(self.phase.end);
            self.trips.clear();
            self.place = Place::Home;
            self.plugged = None;
            self.begin(resumed, resumed + MINUTE, Doing::Standing);
        }
        while self.phase.end <= now {
            let end = self.phase.end;
            self.settle(end);
            self.next(end);
        }
    }

    /// Whether it can be asked; [`advance`](Self::advance) first.
    pub(super) fn state(&self, now: i64) -> State {
        let stands = matches!(self.phase.doing, Doing::Standing);
        match self.offline {
            Some((from, to)) if (from..to).contains(&now) => State::Offline,
            _ if !stands => State::Online,
            _ if now < self.online_from => State::Asleep,
            _ if now >= self.sleep_at && !self.seems_online(now) => State::Asleep,
            _ => State::Online,
        }
    }

    /// Whether it only looks online, and goes on sleeping unless it is asked for data.
    fn seems_online(&self, now: i64) -> bool {
        let asleep = now.saturating_sub(self.sleep_at.max(self.phase.start));
        self.identity.looks_online
            && matches!(self.phase.doing, Doing::Standing)
            && asleep >= 0
            && asleep % SEEMS_EACH >= SEEMS_EACH - SEEMING
    }

    /// It was asked for data: that resets its idle timer, if it is awake.
    pub(super) fn disturb(&mut self, now: i64) {
        self.sleep.disturbed += 1;
        if self.state(now) == State::Online {
            if self.seems_online(now) {
                // Now it does wake up.
                self.settle(now);
                self.phase.start = now;
                self.online_from = now;
            }
            self.sleep_at = self.sleep_at.max(now + IDLE);
        }
    }

    /// It was told to wake up.
    pub(super) fn wake(&mut self, now: i64) {
        self.sleep.wake_ups += 1;
        if self.state(now) == State::Asleep && now >= self.online_from {
            self.settle(now);
            self.phase.start = now;
            self.online_from = now + WAKING;
            self.sleep_at = self.online_from + IDLE;
        }
    }

    pub(super) fn sleep(&self, now: i64) -> Sleep {
        let (ms, fell) = self.slept_in_phase(now);
        Sleep {
            slept: Duration::from_millis((self.slept_ms + ms).unsigned_abs()),
            times: self.sleep.times + u64::from(fell),
            ..self.sleep
        }
    }

    pub(super) fn outings(&self) -> Vec<Outing> {
        self.outings.iter().copied().collect()
    }

    pub(super) fn doing(&self) -> &'static str {
        match self.phase.doing {
            Doing::Standing => "standing",
            Doing::Preparing(_) => "preparing",
            Doing::Boarding(_) => "boarding",
            Doing::Driving(..) => "driving",
            Doing::Alighting => "alighting",
            Doing::Charging(_) => "charging",
            Doing::Downloading => "downloading",
            Doing::Installing => "installing",
        }
    }

    /// How long it slept in this phase, ms, and whether it fell asleep in it.
    fn slept_in_phase(&self, now: i64) -> (i64, bool) {
        if !matches!(self.phase.doing, Doing::Standing) {
            return (0, false);
        }
        let from = self.sleep_at.max(self.phase.start);
        (
            (now - from).max(0),
            self.sleep_at >= self.phase.start && now > self.sleep_at,
        )
    }

    /// Makes what holds at `now` the base of the next phase.
    fn settle(&mut self, now: i64) {
        let (slept, fell) = self.slept_in_phase(now);
        self.slept_ms += slept;
        self.sleep.times += u64::from(fell);
        let moment = self.moment(now);
        self.kwh = moment.kwh;
        self.metres = moment.metres;
        self.inside = moment.inside;
        self.heading = moment.heading;
        self.tyres = moment.tyres;
        self.session_kwh = moment.added_kwh;
    }

    fn begin(&mut self, start: i64, end: i64, doing: Doing) {
        self.happened += 1;
        let is_drive = matches!(doing, Doing::Driving(..));
        if is_drive || matches!(doing, Doing::Charging(_)) {
            let time = |ms: i64| UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs());
            let connected = match self.offline {
                Some((from, to)) if (from..to).contains(&start) => to.min(end.saturating_add(1)),
                _ => start,
            };
            self.outings.push_back(Outing {
                is_drive,
                start: time(start),
                end: time(end),
                connected: time(connected),
            });
            if self.outings.len() > OUTINGS {
                self.outings.pop_front();
            }
        }
        self.phase = Phase {
            start,
            end: end.max(start + 1_000),
            doing,
        };
    }

    fn random(&self, label: u64) -> Random {
        Random::new(
            self.identity.seed,
            &[self.identity.index, label, self.happened],
        )
    }

    fn level(&self) -> f64 {
        100.0 * self.kwh / self.identity.model.capacity
    }

    fn outside(&self, now: i64) -> f64 {
        weather::outside(
            self.identity.seed,
            self.identity.mean_temperature,
            self.identity.local_ms(now),
        )
    }
}

#[cfg(test)]
mod tests;
