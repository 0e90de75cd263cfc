//! What waits for destinations, on disk: it survives the end of the process, however it ends, and a
//! loss of power.
//!
//! Each destination's signal has a directory of its own (`otlp.metrics`), and in it a [`Log`]. A lock
//! keeps other processes out. All of them together are bounded; what does not fit any more goes a
//! segment at a time, that of which all is oldest first.

mod accepted;
mod files;
mod log;
mod record;
mod segment;
mod transcode;

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::{info, warn};

use crate::private::{self, Owner};

use super::encode::Signal;
use super::own::Exports;
use super::settings;

#[cfg(all(test, unix))]
pub(super) use files::synced::is_synced;
pub(super) use files::{now, time};
pub(super) use log::{Level, Log};
pub use record::read_segment;
pub(super) use transcode::transcode;

/// A log of the spool, that a destination and whoever makes room share.
pub(super) type Shared = Arc<Mutex<Log>>;

/// The directory, and the logs in it.
#[derive(Debug)]
pub(super) struct Spool {
    directory: PathBuf,
    max: u64,
    exports: Arc<Exports>,
    /// For whom requests can wait here.
    destinations: Vec<(String, Signal)>,
    /// The bytes of all logs.
    total: Arc<AtomicU64>,
    open: Mutex<Open>,
    /// Held while room is made: one that makes room at the same time sees that there is some already.
    room: Mutex<()>,
    /// What went to make room.
    lost: AtomicUsize,
    /// What there is to say when somebody listens; `None` from then on.
    unsaid: Mutex<Option<Vec<(bool, String)>>>,
}

/// What is open as long as the lock is held.
#[derive(Debug, Default)]
struct Open {
    /// The lock, and whose all of it has to be.
    lock: Option<(File, Owner)>,
    logs: Vec<Shared>,
}

/// Why the spool cannot be used, and what to do about it.
#[derive(Debug)]
pub(super) struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Spool {
    /// Opens nothing yet.
    pub(super) fn new(
        settings: &settings::Spool,
        exports: &Arc<Exports>,
        destinations: Vec<(String, Signal)>,
    ) -> Self {
        Spool {
            destinations,
            directory: settings.directory.clone(),
            max: settings.max,
            exports: Arc::clone(exports),
            total: Arc::default(),
            open: Mutex::default(),
            room: Mutex::default(),
            lost: AtomicUsize::new(0),
            unsaid: Mutex::new(Some(Vec::new())),
        }
    }

    /// The log of a destination's signal. Opens what has to be opened.
    pub(super) fn log(&self, name: &str, signal: Signal) -> Result<Shared, Trouble> {
        let mut open = lock(&self.open);
        let me = match &open.lock {
            Some((_, me)) => *me,
            None => {
                let (opened, me) = self.open()?;
                *open = opened;
                me
            }
        };
        let of = |log: &&Shared| {
            let log = lock(log);
            log.name == name && log.signal == signal
        };
        if let Some(log) = open.logs.iter().find(of) {
            return Ok(Arc::clone(log));
        }
        let directory = self.directory.join(files::directory_of(name, signal));
        let log = self
            .open_log(&directory, me, (name.to_owned(), signal))
            .map_err(|error| self.trouble(&directory, &error))?;
        open.logs.push(Arc::clone(&log));
        Ok(log)
    }

    fn open(&self) -> Result<(Open, Owner), Trouble> {
        let failed = |error: &io::Error| self.trouble(&self.directory, error);
        let refused = |problem: String| Trouble(format!("the spool cannot be used: {problem}"));
        if !self.directory.exists() {
            private::create_directory(&self.directory)
                .and_then(|()| {
                    self.directory
                        .parent()
                        .map_or(Ok(()), files::sync_directory)
                })
                .map_err(|error| failed(&error))?;
        }
        // The directory itself may be anybody's to read, but nobody may exchange what is in it.
        let me = private::me_in(&self.directory).map_err(|error| failed(&error))?;
        private::check_above(&self.directory, me).map_err(refused)?;
        let path = self.directory.join("lock");
        if fs::symlink_metadata(&path).is_ok() {
            private::close_to_others(&path, 0o600, me, files::CONTENT).map_err(refused)?;
        }
        let lock = private::open_or_create_file(&path).map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Trouble(format!(
                    "another observer uses the spool {}; give this one a directory of its own with \
                     --spool-dir",
                    self.directory.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let mut logs = Vec::new();
        for (path, owner) in owned(&self.directory).map_err(|error| failed(&error))? {
            let is_known = self.destinations.contains(&owner);
            match self.open_log(&path, me, owner) {
                Ok(log) => logs.push(log),
                // Where there is a destination it tries again, and says so.
                Err(_) if is_known => {}
                Err(error) => self.say(self.trouble(&path, &error).to_string()),
            }
        }
        let lock = Some((lock, me));
        Ok((Open { lock, logs }, me))
    }

    fn open_log(&self, directory: &Path, me: Owner, owner: (String, Signal)) -> io::Result<Shared> {
        let (name, signal) = (owner.0.clone(), owner.1.as_str());
        // A few dozen of them fill the spool: as much goes at once when it is full.
        let longest = (self.max / 32).clamp(64 << 10, 4 << 20);
        let (mut log, torn) = Log::open(directory, me, owner, longest, Arc::clone(&self.total))?;
        if torn {
            self.exports.dropped(&name, signal, "damaged", 1);
            self.say(format!(
                "the last request with {signal} for {name} in {} had been written in part when the \
                 observer ended, and was cut off",
                directory.display()
            ));
        }
        self.exports.waiting(&name, signal, "disk", log.level());
        self.say_what_waits(&log);
        Ok(Arc::new(Mutex::new(log)))
    }

    /// What waits, after the last end: for whom it is sent now, and what nobody will get. Said before
    /// anything of it is sent.
    fn say_what_waits(&self, log: &Log) {
        let (name, signal, waiting) = (&log.name, log.signal.as_str(), log.waiting());
        let owner = (name.clone(), log.signal);
        if waiting == 0 {
            return;
        }
        if self.destinations.contains(&owner) {
            self.note(
                false,
                format!(
                    "{waiting} requests with {signal} for {name} have waited on disk and are sent now"
                ),
            );
        } else {
            self.say(left_behind(waiting, &owner, log.directory().display()));
        }
    }

    /// Makes room, after the record of this number has been added to `own`, and counts what is lost
    /// by that. Locks one log at a time.
    pub(super) fn make_room(&self, own: &Shared, number: u64) {
        let _room = lock(&self.room);
        while self.total.load(Ordering::Relaxed) > self.max {
            let logs = lock(&self.open).logs.clone();
            let but = |log: &Shared| Arc::ptr_eq(log, own).then_some(number);
            let written = |log: &Shared| lock(log).first_to_go(but(log));
            let oldest = logs.iter().filter_map(|log| Some((written(log)?, log)));
            let Some((written, log)) = oldest.min_by_key(|(written, _)| *written) else {
                return;
            };
            let but = but(log);
            let mut log = lock(log);
            if log.first_to_go(but) != Some(written) {
                // It has been sent in the meantime, and another one would go.
                continue;
            }
            let lost = log.give_up_segment();
            let (name, signal) = (log.name.clone(), log.signal.as_str());
            self.exports.waiting(&name, signal, "disk", log.level());
            drop(log);
            self.lost(&name, signal, lost);
        }
    }

    /// What was in flight when its place was taken, or what did not fit.
    pub(super) fn lost(&self, name: &str, signal: &'static str, requests: usize) {
        self.exports.dropped(name, signal, "spool_full", requests);
        let before = self.lost.fetch_add(requests, Ordering::Relaxed);
        // The first, and then each time that it has doubled.
        if before.checked_ilog2() != (before + requests).checked_ilog2() {
            warn!(
                "the spool {} is full: {} requests, the oldest, are lost, the last of them with \
                 {signal} for {name}; raise --spool-max, or see why they are not taken",
                self.directory.display(),
                before + requests,
            );
        }
    }

    pub(super) fn trouble(&self, path: &Path, error: &io::Error) -> Trouble {
        Trouble(format!(
            "the spool cannot be used: {}: {error}; make it yours and writable, free some space, or \
             choose another with --spool-dir",
            path.display()
        ))
    }

    /// Warns, or keeps the warning until somebody listens.
    pub(super) fn say(&self, text: String) {
        self.note(true, text);
    }

    fn note(&self, bad: bool, text: String) {
        match &mut *lock(&self.unsaid) {
            Some(unsaid) => unsaid.push((bad, text)),
            None if bad => warn!("{text}"),
            None => info!("{text}"),
        }
    }

    /// From now on somebody listens.
    pub(super) fn begin(&self) {
        let unsaid = lock(&self.unsaid).take();
        for (bad, text) in unsaid.unwrap_or_default() {
            self.note(bad, text);
        }
    }

    /// What waits nowhere is tidied away, and the next process can have the rest.
    pub(super) fn close(&self) {
        let mut open = lock(&self.open);
        for log in std::mem::take(&mut open.logs) {
            lock(&log).close();
        }
        open.lock = None;
    }
}

/// What is in a directory that is not a spool's for anybody here: nothing is opened or changed.
pub(super) fn left_behind_in(directory: &Path) -> Vec<String> {
    let all = owned(directory).unwrap_or_default().into_iter();
    let waiting = all.filter_map(|(path, owner)| {
        let segments = fs::read_dir(&path).ok()?.flatten();
        let is_one = |file: &fs::DirEntry| file.file_name().to_str().and_then(files::first_of).is_some();
        let path = path.display();
        let (name, signal) = (&owner.0, owner.1.as_str());
        segments.into_iter().any(|file| is_one(&file)).then(|| {
            format!(
                "requests with {signal} for {name} wait in {path}, but it is no destination any more: \
                 configure it again, or delete that directory"
            )
        })
    });
    waiting.collect()
}

fn left_behind(
    waiting: usize,
    (name, signal): &(String, Signal),
    place: impl fmt::Display,
) -> String {
    format!(
        "{waiting} requests with {} for {name} wait in {place}, but it is no destination any more: \
         configure it again, or delete that directory",
        signal.as_str()
    )
}

/// The directories of logs.
fn owned(directory: &Path) -> io::Result<Vec<(PathBuf, (String, Signal))>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if let Some(owner) = entry.file_name().to_str().and_then(files::owner_of) {
            all.push((entry.path(), owner));
        }
    }
    Ok(all)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
