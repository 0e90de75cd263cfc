//! When to ask a vehicle again, and what: a state machine, pure over instants that it is given.
//!
//! A vehicle that is asked for data stays awake, so one that does nothing is left alone after a while
//! and only its state is asked for, which it does not feel: it falls asleep, or it is asked for data
//! once more after some time. The conditions and intervals are those that observers of these cars have
//! come to over years; all are [`Settings`].

mod fuse;
mod noticed;
mod settings;
mod state;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::Instant;

use crate::fetch::{Availability, Next, Pace, Problem};
use crate::model::{Condition, Doing};

pub use noticed::Noticed;
pub use settings::Settings;
pub use state::Activity;

use fuse::Fuse;
use noticed::Seen;
use state::State;

/// What to ask at a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Only whether it can be asked; it does not feel that.
    State,
    /// Whether it can be asked, and if so, its data.
    StateThenData,
    /// Its data at once: it was awake the last time. If it is not any more, that does not wake it,
    /// and its state is asked for.
    Data,
}

/// A turn to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: Instant,
    /// What to ask.
    pub ask: Ask,
}

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Came<'a> {
    /// Its state, and no data: it cannot be asked, or was not to be.
    State(Availability),
    /// It looks online, and yet has no data to give.
    LooksOnline,
    /// Data.
    Read(&'a Condition),
    /// A failure.
    Failed(Problem, Next),
}

/// What a turn told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The reading is older than one before it: it is not to be used.
    pub outdated: bool,
    /// What had begun or happened without having been seen.
    pub noticed: Vec<Noticed>,
}

/// When one vehicle is asked, and what.
#[derive(Clone, Debug)]
pub struct Schedule {
    settings: Settings,
    state: State,
    next: Option<Turn>,
    /// The last of its regular turns: the next ones are counted from it, so that they do not drift
    /// and the turns of many vehicles stay apart.
    regular: Instant,
    last: Option<Seen>,
    /// Since when readings have been older than the last one.
    outdated_since: Option<Instant>,
    /// Since when it was known to be awake, but has had no data to give.
    in_vain_since: Option<Instant>,
    /// How often it came online without doing anything: up for each, down for each use.
    idle_wakings: u8,
    not_found: Fuse,
    failing: Fuse,
}

/// How often a vehicle comes online for nothing until that is expected of it.
const DOUBTED: u8 = 2;
const MOST_DOUBTED: u8 = 8;

/// A clock that had gone wrong and is right again must not stop readings for ever.
const OUTDATED: Duration = Duration::from_secs(600);

/// A turn that is so late was not only late.
const OVERSLEPT: Duration = Duration::from_secs(30);

/// Waits longer than this are none that a service says.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

impl Schedule {
    /// The first turn is at `first`.
    pub fn new(settings: Settings, first: Instant) -> Self {
        Self {
            settings,
            state: State::Start,
            next: Some(Turn {
                at: first,
                ask: Ask::StateThenData,
            }),
            regular: first,
            last: None,
            outdated_since: None,
            in_vain_since: None,
            idle_wakings: 0,
            not_found: Fuse::new(Fuse::NOT_FOUND),
            failing: Fuse::new(Fuse::FAILING),
        }
    }

    /// The next turn. There is none for a vehicle that the account does not have any more.
    pub fn next(&self) -> Option<Turn> {
        self.next
    }

    /// What the vehicle does, as far as is known.
    pub fn activity(&self) -> Activity {
        self.state.activity()
    }

    /// The account's list has it still, or again: one that was taken for removed is asked again.
    pub fn listed(&mut self, now: Instant) {
        if self.state == State::Removed {
            let interval = self.settings.interval(&State::Start, now, Pace::USUAL);
            let first = self.regular_after(interval, now);
            *self = Self {
                last: self.last.take(),
                ..Self::new(self.settings, first)
            };
        }
    }

    /// Whether the time of the next turn is so long past that those of many other vehicles are, too:
    /// the machine slept, say. It is then at one of its regular turns, which are apart from theirs.
    pub fn overslept(&mut self, now: Instant) -> bool {
        let spread = self.settings.first();
        let Some(turn) = self.next else {
            return false;
        };
        if now.saturating_duration_since(turn.at) < spread.max(OVERSLEPT) {
            return false;
        }
        self.regular = self.regular_after(spread, now);
        self.next = Some(Turn {
            at: self.regular,
            ..turn
        });
        true
    }

    /// A turn that began at `began` has ended at `now`. Waits are as long as `pace` has them.
    pub fn came(&mut self, began: Instant, now: Instant, came: Came<'_>, pace: Pace) -> Told {
        let mut told = Told::default();
        let mut wait = Duration::ZERO;
        let mut sure = true;
        // However long an answer takes: what is counted from a turn ends at a turn.
        let at = self.next.map_or(began, |turn| turn.at).min(now);
        let asked_data = self.next.is_some_and(|turn| turn.ask != Ask::State);
        match came {
            Came::Failed(problem, next) => {
                wait = self.failed(now, problem, next);
            }
            Came::State(state) => {
                self.succeeded();
                sure = state != Availability::Unknown;
                self.is(at, state);
            }
            Came::LooksOnline => {
                self.succeeded();
                sure = false;
                self.looks_online(at);
            }
            Came::Read(condition) if self.is_outdated(now, condition) => {
                self.succeeded();
                told.outdated = true;
                sure = false;
            }
            Came::Read(condition) => {
                self.succeeded();
                told.noticed = self.notice(now, condition);
                self.read(at, condition, !told.noticed.is_empty(), pace);
            }
        }
        if asked_data && !matches!(came, Came::Failed(..)) {
            self.postpone_probe(at);
        }
        self.next = self.decide(began, now, wait, pace, sure);
        told
    }

    fn succeeded(&mut self) {
        self.not_found.reset();
        self.failing.reset();
    }

    /// How long to wait at least.
    fn failed(&mut self, now: Instant, problem: Problem, next: Next) -> Duration {
        let mut wait = match next {
            Next::After(wait) => wait.min(LONGEST),
            Next::AsUsual | Next::Stop => Duration::ZERO,
        };
        match problem {
            Problem::NotFound if self.not_found.blows(now) => self.state = State::Removed,
            Problem::Server | Problem::Timeout | Problem::Unreadable | Problem::Blocked
                if self.failing.blows(now) =>
            {
                wait = wait.max(self.failing.pause());
            }
            _ => {}
        }
        wait
    }

    fn is(&mut self, now: Instant, availability: Availability) {
        let since = |state: &State| match state {
            State::Asleep { since } | State::Offline { since } => *since,
            _ => now,
        };
        match availability {
            Availability::Asleep => {
                self.came_to_nothing();
                self.state = State::Asleep {
                    since: since(&self.state),
                };
            }
            Availability::Offline => match self.lost(now) {
                Some(lost) => self.state = lost,
                None => {
                    self.came_to_nothing();
                    self.state = State::Offline {
                        since: since(&self.state),
                    };
                }
            },
            Availability::InService => self.state = State::InService,
            // Its data was not asked for: it is left alone, or has been online for nothing before.
            Availability::Online => {
                if matches!(self.state, State::Asleep { .. } | State::Offline { .. }) {
                    self.doubt(now);
                }
            }
            Availability::Unknown if self.state.is_awake() => self.looks_online(now),
            Availability::Unknown => {}
        }
        if !matches!(availability, Availability::Online | Availability::Unknown) {
            self.in_vain_since = None;
        }
    }

    /// It may be online, but nothing more is to be learnt.
    fn looks_online(&mut self, now: Instant) {
        if let Some(lost) = self.lost(now) {
            self.state = lost;
            return;
        }
        match self.state {
            State::Suspended { .. } => {}
            State::Idle { .. } | State::Charging { .. } | State::Updating => {
                let since = *self.in_vain_since.get_or_insert(now);
                // Whatever it does, asking goes on to be of no use, and may keep it awake.
                if now - since >= self.settings.suspend_after {
                    self.state = self.left_alone(now);
                    self.in_vain_since = None;
                }
            }
            _ => self.doubt(now),
        }
    }

    /// It is online, but perhaps for nothing: a while later it will be known.
    fn doubt(&mut self, now: Instant) {
        self.state = State::Suspended {
            probe: now + self.settings.doubt_for,
            doubted: true,
        };
    }

    /// A drive of which nothing is heard goes on for a while.
    fn lost(&self, now: Instant) -> Option<State> {
        let State::Driving { lost } = self.state else {
            return None;
        };
        let (since, times) = lost.unwrap_or((now, 0));
        (now - since < self.settings.drive_timeout).then_some(State::Driving {
            lost: Some((since, times + 1)),
        })
    }

    /// Asking it for data was of no use: not again at each turn.
    fn postpone_probe(&mut self, now: Instant) {
        if let State::Suspended { probe, .. } = &mut self.state
            && *probe <= now
        {
            *probe = now + self.settings.suspend_for;
        }
    }

    fn left_alone(&self, now: Instant) -> State {
        State::Suspended {
            probe: now + self.settings.suspend_for,
            doubted: false,
        }
    }

    /// It has been online, and nothing came of it.
    fn came_to_nothing(&mut self) {
        let for_nothing = matches!(
            self.state,
            State::Idle { woke: true, .. } | State::Suspended { doubted: true, .. }
        );
        if for_nothing {
            self.idle_wakings = (self.idle_wakings + 1).min(MOST_DOUBTED);
        }
    }

    /// Whether the reading is older than the last one.
    fn is_outdated(&mut self, now: Instant, condition: &Condition) -> bool {
        let last = self.last.as_ref().and_then(|last| last.timestamp_ms);
        let is_older =
            matches!((last, condition.timestamp_ms), (Some(last), Some(this)) if this < last);
        if !is_older {
            self.outdated_since = None;
            return false;
        }
        let since = *self.outdated_since.get_or_insert(now);
        if now - since < OUTDATED {
            return true;
        }
        self.outdated_since = None;
        false
    }

    /// What had happened unseen.
    fn notice(&mut self, now: Instant, condition: &Condition) -> Vec<Noticed> {
        let noticed = match &self.last {
            Some(last) => last.noticed(now, condition, &self.state, &self.settings),
            None => Vec::new(),
        };
        self.last = Some(Seen::new(now, condition, self.last.take()));
        noticed
    }

    /// What it does now. `was_used` if something had happened unseen.
    fn read(&mut self, now: Instant, condition: &Condition, was_used: bool, pace: Pace) {
        self.in_vain_since = None;
        let from = self.state;
        let has_woken = match from {
            State::Asleep { .. } | State::Offline { .. } => true,
            State::Suspended { doubted, .. } => doubted,
            State::Idle { woke, .. } => woke,
            _ => false,
        };
        let is_used = condition.doing != Doing::Idle || condition.blocker.is_some() || was_used;
        if has_woken && is_used {
            self.idle_wakings = self.idle_wakings.saturating_sub(1);
        }
        self.state = match condition.doing {
            Doing::Driving => State::Driving { lost: None },
            Doing::Charging { kw } => {
                let was_alone = matches!(from, State::Charging { alone: true, .. });
                let alone = (was_alone || has_woken) && condition.blocker.is_none();
                State::Charging { kw, alone }
            }
            Doing::Updating => State::Updating,
            Doing::Idle if is_used => State::Idle {
                since: now,
                woke: false,
                alone: false,
            },
            Doing::Idle => self.left_idle(now, from, has_woken, pace),
        };
    }

    /// Nothing is done and nothing keeps it awake: it goes on being read for a while, and is then
    /// left alone.
    fn left_idle(&mut self, now: Instant, from: State, has_woken: bool, pace: Pace) -> State {
        let suspended = self.left_alone(now);
        let (since, woke, alone) = match from {
            State::Suspended { doubted: false, .. } => return suspended,
            State::Idle { since, woke, alone } => (since, woke, alone),
            State::Charging { alone: true, .. } => (now, false, true),
            _ => (now, has_woken, has_woken),
        };
        let idle = State::Idle { since, woke, alone };
        let limit = match alone {
            true => self.settings.suspend_after_waking,
            false => self.settings.suspend_after,
        };
        // It is not read once more only to find that the time has come.
        if now - since + self.settings.interval(&idle, now, pace) <= limit {
            return idle;
        }
        self.state = idle;
        self.came_to_nothing();
        suspended
    }

    /// The next turn: one of its regular ones, whatever went wrong, so that the turns of many
    /// vehicles stay apart and no failure brings one sooner.
    fn decide(
        &mut self,
        began: Instant,
        now: Instant,
        wait: Duration,
        pace: Pace,
        sure: bool,
    ) -> Option<Turn> {
        if self.state == State::Removed {
            return None;
        }
        let interval = self.settings.interval(&self.state, now, pace);
        // One that began late does not bring the next one near.
        let apart = began + interval.mul_f64(0.9);
        let mut next = self.regular_after(interval, apart.max(now + wait));
        // A stretched one does not use up the time of a budget that has begun anew: it is the first
        // of the usual ones then, which do not all come at once.
        if let Some(anew) = now.checked_add(pace.lasts)
            && next > anew
        {
            let usual = self.settings.interval(&self.state, now, Pace::USUAL);
            let apart = began + usual.mul_f64(0.9);
            next = next.min(self.regular_after(usual, apart.max(anew).max(now + wait)));
        }
        self.regular = next;
        let ask = match self.state {
            State::Suspended { probe, .. } if self.regular >= probe => Ask::Data,
            State::Suspended { .. } => Ask::State,
            State::Asleep { .. } | State::Offline { .. } if self.idle_wakings >= DOUBTED => {
                Ask::State
            }
            State::Driving { lost: None }
            | State::Idle { .. }
            | State::Charging { .. }
            | State::Updating
                if sure =>
            {
                Ask::Data
            }
            _ => Ask::StateThenData,
        };
        Some(Turn {
            at: self.regular,
            ask,
        })
    }

    /// The first regular turn that is neither past nor before `least`.
    fn regular_after(&self, interval: Duration, least: Instant) -> Instant {
        let ahead = least.saturating_duration_since(self.regular).as_nanos();
        let turns = ahead.div_ceil(interval.as_nanos()).max(1);
        u32::try_from(turns)
            .ok()
            .and_then(|turns| interval.checked_mul(turns))
            .map_or(least + interval, |ahead| self.regular + ahead)
    }
}
