//! What is known of each vehicle, for the painter.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};

use super::words;
use crate::fetch::{Availability, FetchError, Vehicle};
use crate::model::AtAGlance;

/// How it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A table that refreshes.
    Table,
    /// A line for each reading.
    Lines,
    /// Not at all.
    Off,
}

/// What is known of each vehicle. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Board(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    /// Whether somebody looks at it elsewhere than on the terminal.
    watched: AtomicBool,
    state: Mutex<State>,
    changed: Notify,
    /// Nothing is painted any more.
    closed: AtomicBool,
    lines: mpsc::Sender<String>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) rows: Vec<Row>,
    /// The last messages of the log, the latest at the end.
    pub(super) notes: VecDeque<String>,
}

/// One vehicle.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) vin: String,
    pub(super) name: String,
    pub(super) availability: Option<Availability>,
    pub(super) glance: Option<AtAGlance>,
    pub(super) problem: Option<String>,
    /// When it was last asked.
    pub(super) asked: Option<Timestamp>,
    /// When it will be asked next.
    pub(super) next: Option<Timestamp>,
    /// Which one it is to those who look elsewhere.
    pub(super) key: Option<String>,
}

/// When a vehicle was asked, and will be.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Which one it is: the [key](crate::history::Vehicle::key).
    pub key: Option<String>,
    /// What it is called.
    pub name: String,
    /// Whether it could be asked.
    pub availability: Option<Availability>,
    /// When it was last asked.
    pub asked: Option<Timestamp>,
    /// When it will be asked next.
    pub next: Option<Timestamp>,
    /// What went wrong when it was last asked.
    pub problem: Option<String>,
}

/// How many lines may wait for a reader of the pipe that does not read.
const WAITING: usize = 10_000;

/// How many messages of the log stand below the table.
const NOTES: usize = 6;

impl Board {
    /// A board, and where its lines come out.
    pub(super) fn new(kind: Kind) -> (Self, mpsc::Receiver<String>) {
        let (lines, receiver) = mpsc::channel(WAITING);
        let board = Self(Arc::new(Inner {
            kind,
            watched: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Notify::new(),
            closed: AtomicBool::new(false),
            lines,
        }));
        (board, receiver)
    }

    /// A board that shows nothing.
    pub fn off() -> Self {
        Self::new(Kind::Off).0
    }

    /// How it is shown.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// It is looked at elsewhere than on the terminal, too: [`turns`](Self::turns) are known from now on.
    pub fn watch(&self) {
        self.0.watched.store(true, Ordering::Relaxed);
    }

    /// When each vehicle was asked, and will be.
    pub fn turns(&self) -> Vec<Turns> {
        let state = self.state();
        let turn = |row: &Row| Turns {
            key: row.key.clone(),
            name: row.name.clone(),
            availability: row.availability,
            asked: row.asked,
            next: row.next,
            problem: row.problem.clone(),
        };
        state.rows.iter().map(turn).collect()
    }

    /// The vehicle with this key has its next turn then.
    pub fn next(&self, vehicle: &Vehicle, key: &str, at: Timestamp) {
        if self.0.watched.load(Ordering::Relaxed) {
            self.row(vehicle, |row| {
                row.next = Some(at);
                row.key = Some(key.to_owned());
            });
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// A vehicle was found.
    pub fn listed(&self, vehicle: &Vehicle, availability: Option<Availability>) {
        self.row(vehicle, |row| row.availability = availability);
    }

    /// A vehicle was asked.
    pub fn seen(&self, vehicle: &Vehicle, availability: Availability, glance: Option<AtAGlance>) {
        self.row(vehicle, |row| {
            row.availability = Some(availability);
            row.glance = glance;
            row.problem = None;
            row.asked = Some(Timestamp::now());
        });
        self.line(vehicle);
    }

    /// A vehicle could not be asked.
    pub fn failed(&self, vehicle: &Vehicle, error: &FetchError) {
        self.row(vehicle, |row| {
            row.availability = None;
            row.glance = None;
            row.problem = Some(words::clean(&error.detail, 200));
            row.asked = Some(Timestamp::now());
        });
        self.line(vehicle);
    }

    /// A vehicle is not observed any more.
    pub fn gone(&self, vehicle: &Vehicle) {
        self.state().rows.retain(|row| row.vin != vehicle.vin);
        self.0.changed.notify_one();
    }

    /// Nothing is painted any more: messages must find another place.
    pub(super) fn close(&self) {
        self.0.closed.store(true, Ordering::Relaxed);
    }

    /// A message to stand below the table. `false` if there is no table.
    pub fn note(&self, text: &str) -> bool {
        if self.0.kind != Kind::Table || self.0.closed.load(Ordering::Relaxed) {
            return false;
        }
        let mut state = self.state();
        state.notes.push_back(words::clean(text, 300));
        if state.notes.len() > NOTES {
            state.notes.pop_front();
        }
        drop(state);
        self.0.changed.notify_one();
        true
    }

    fn row(&self, vehicle: &Vehicle, change: impl FnOnce(&mut Row)) {
        if self.0.kind == Kind::Off && !self.0.watched.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.state();
        let index = state.rows.iter().position(|row| row.vin == vehicle.vin);
        let index = index.unwrap_or_else(|| {
            state.rows.push(Row {
                vin: vehicle.vin.clone(),
                name: words::clean(vehicle.vehicle_id(), 30),
                availability: None,
                glance: None,
                problem: None,
                asked: None,
                next: None,
                key: None,
            });
            state.rows.len() - 1
        });
        if let Some(row) = state.rows.get_mut(index) {
            change(row);
        }
        drop(state);
        self.0.changed.notify_one();
    }

    fn line(&self, vehicle: &Vehicle) {
        if self.0.kind != Kind::Lines {
            return;
        }
        let state = self.state();
        if let Some(row) = state.rows.iter().find(|row| row.vin == vehicle.vin) {
            // Whoever reads too slowly misses lines; observing goes on.
            let _ = self.0.lines.try_send(words::line(row));
        }
    }
}
