//! What was spent, kept in a file: it outlives the process, however that ends, and processes share it.
//!
//! Whoever spends reserves first: what is in the file is never less than what was spent.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::private::{self, Locking};

use super::period::{Period, Unit};

/// What was spent in the present month and on the present day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Totals {
    /// The month that money is counted in.
    pub(super) month: Period,
    /// Millionths of a dollar in it.
    pub(super) money: u64,
    /// The day that requests are counted on.
    pub(super) day: Period,
    /// Requests on it.
    pub(super) requests: u64,
}

impl Totals {
    pub(super) fn none(now: SystemTime) -> Self {
        Self {
            month: Period::of(Unit::Month, now),
            money: 0,
            day: Period::of(Unit::Day, now),
            requests: 0,
        }
    }
}

/// What was spent, in a file or for as long as the process lives. Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger(Arc<Place>);

enum Place {
    File {
        path: PathBuf,
        /// Held by the one thread that changes it: not every file system has locks. Whether that was
        /// said.
        turn: Mutex<bool>,
    },
    Memory(Mutex<Book>),
}

/// Why it cannot be known or kept what was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerError(String);

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for LedgerError {}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Place::File { path, .. } => f.debug_tuple("Ledger").field(path).finish(),
            Place::Memory(_) => f.write_str("Ledger(memory)"),
        }
    }
}

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    version: u32,
    /// By month, in millionths of a dollar.
    micro_usd: Pages,
    /// By day.
    requests: Pages,
}

/// What was spent in the last periods.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pages {
    current: String,
    spent: BTreeMap<String, u64>,
}

const VERSION: u32 = 1;
/// How many periods are remembered: for clocks that were wrong.
const PAGES: usize = 4;
/// How long another process may hold the file; it needs milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
const LARGEST: u64 = 64 * 1024;

impl Ledger {
    /// In `budget/<name>.json` of this directory. Nothing is made before something is spent.
    pub fn in_directory(directory: &Path, name: &str) -> Self {
        let file = format!("{}.json", file_name(name));
        Self(Arc::new(Place::File {
            path: directory.join("budget").join(file),
            turn: Mutex::new(false),
        }))
    }

    /// One that ends with the process.
    pub fn in_memory() -> Self {
        Self(Arc::new(Place::Memory(Mutex::default())))
    }

    pub(super) fn is_kept(&self) -> bool {
        !matches!(&*self.0, Place::Memory(_))
    }

    /// What was spent in the present periods. Changes nothing, unless the file is damaged: see
    /// [`Self::change`].
    pub(super) fn totals(&self, now: SystemTime, all: Totals) -> Result<Totals, LedgerError> {
        let mut book = match &*self.0 {
            Place::Memory(book) => book.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Place::File { path, .. } => match read(path)? {
                Read::Book(book) => book,
                Read::Damaged(_) => return Ok(self.change(now, all, |_| ())?.0),
            },
        };
        Ok(book.turn(now))
    }

    /// Changes what was spent in the present periods; when this returns, that is on the disk.
    ///
    /// A file that is damaged is set aside, and `all` is taken to have been spent: nobody knows.
    pub(super) fn change<T>(
        &self,
        now: SystemTime,
        all: Totals,
        change: impl FnOnce(&mut Totals) -> T,
    ) -> Result<(Totals, T), LedgerError> {
        let (path, turn) = match &*self.0 {
            Place::Memory(book) => {
                let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
                return Ok(book.change(now, change));
            }
            Place::File { path, turn } => (path, turn),
        };
        let failed = |error: io::Error| failed("writing", path, &error.to_string());
        let directory = path.parent().unwrap_or(Path::new("."));
        private::create_directory(directory).map_err(failed)?;
        let mut said = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (_lock, locking) = lock(&path.with_extension("lock")).map_err(failed)?;
        if locking == Locking::Unsupported && !*said {
            *said = true;
            tracing::warn!(
                path = %directory.display(),
                "this file system has no locks: let no other process use the same account, or more \
                 is spent than its budget"
            );
        }
        let mut book = match read(path)? {
            Read::Book(book) => book,
            Read::Damaged(why) => {
                let aside = path.with_extension("damaged");
                fs::rename(path, &aside).map_err(failed)?;
                tracing::error!(
                    "{} is damaged ({why}): what was spent is not known, so all of this period's \
                     budget is taken to be. It was moved to {}; if you know that less was spent, \
                     delete {0} to count from nothing",
                    path.display(),
                    aside.display()
                );
                Book::of(all)
            }
        };
        let changed = book.change(now, change);
        let text = serde_json::to_vec(&book).map_err(|error| failed(error.into()))?;
        write_whole(&text, path, directory).map_err(failed)?;
        Ok(changed)
    }
}

impl Book {
    fn of(totals: Totals) -> Self {
        let mut book = Self::default();
        book.micro_usd.set(totals.month, totals.money);
        book.requests.set(totals.day, totals.requests);
        book
    }

    /// Goes on to the present periods.
    fn turn(&mut self, now: SystemTime) -> Totals {
        let (month, money) = self.micro_usd.turn(Unit::Month, now);
        let (day, requests) = self.requests.turn(Unit::Day, now);
        Totals {
            month,
            money,
            day,
            requests,
        }
    }

    fn change<T>(&mut self, now: SystemTime, change: impl FnOnce(&mut Totals) -> T) -> (Totals, T) {
        let mut totals = self.turn(now);
        let result = change(&mut totals);
        self.version = VERSION;
        self.micro_usd.set(totals.month, totals.money);
        self.requests.set(totals.day, totals.requests);
        (totals, result)
    }

    /// Whether every period in it is one.
    fn is_sound(&self) -> bool {
        self.version == VERSION
            && self.micro_usd.is_sound(Unit::Month)
            && self.requests.is_sound(Unit::Day)
    }
}

impl Pages {
    fn is_sound(&self, unit: Unit) -> bool {
        let mut names = self.spent.keys().chain([&self.current]);
        names.all(|name| Period::parse(unit, name).is_some())
            && self.spent.contains_key(&self.current)
    }

    /// The period to count in, and what was spent in it.
    fn turn(&mut self, unit: Unit, now: SystemTime) -> (Period, u64) {
        let last = Period::parse(unit, &self.current);
        let period = last.map_or(Period::of(unit, now), |last| last.then(now));
        let mut spent = self.of(period);
        if let Some(last) = last.filter(|last| period.is_before(*last)) {
            // The clock was wrong: what seemed to be spent later was spent now.
            spent = spent.saturating_add(self.of(last));
        }
        (period, spent)
    }

    fn of(&self, period: Period) -> u64 {
        self.spent.get(&period.to_string()).copied().unwrap_or(0)
    }

    fn set(&mut self, period: Period, spent: u64) {
        self.current = period.to_string();
        self.spent.insert(self.current.clone(), spent);
        while self.spent.len() > PAGES {
            let first = self.spent.keys().find(|key| **key != self.current).cloned();
            first.map(|first| self.spent.remove(&first));
        }
    }
}

enum Read {
    Book(Book),
    Damaged(String),
}

fn read(path: &Path) -> Result<Read, LedgerError> {
    let length = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Read::Book(Book::default()));
        }
        Err(error) => return Err(failed("reading", path, &error.to_string())),
    };
    if length > LARGEST {
        return Ok(Read::Damaged(format!("it has {length} bytes")));
    }
    let text = fs::read(path).map_err(|error| failed("reading", path, &error.to_string()))?;
    Ok(match serde_json::from_slice::<Book>(&text) {
        Ok(book) if book.is_sound() => Read::Book(book),
        Ok(book) if book.version > VERSION => {
            let why = "a newer version of this program has written it";
            return Err(failed("reading", path, why));
        }
        Ok(_) => Read::Damaged("it names periods that are none".to_owned()),
        Err(error) => Read::Damaged(error.to_string()),
    })
}

fn failed(doing: &str, path: &Path, why: &str) -> LedgerError {
    LedgerError(format!(
        "{doing} {}, where it is kept what was spent: {why}; nothing is asked that could not be \
         counted. Free some space or correct the permissions",
        path.display()
    ))
}

/// Held until it is dropped, unless this file system has no locks. The file stays: who deletes it lets
/// two in.
fn lock(path: &Path) -> io::Result<(File, Locking)> {
    let file = private::open_or_create_file(path)?;
    let start = Instant::now();
    loop {
        match private::try_lock(&file)? {
            Locking::Taken if start.elapsed() > PATIENCE => {
                let why = "another process does not let go of it";
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            Locking::Taken => thread::sleep(Duration::from_millis(5)),
            locking => return Ok((file, locking)),
        }
    }
}

/// Replaces the file as a whole. Only who holds the lock writes: one name for the new file is enough,
/// and what a process that was killed has left behind is written over.
fn write_whole(text: &[u8], path: &Path, directory: &Path) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = private::open_or_create_file(&new)?;
    file.set_len(0)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    private::sync_directory(directory)
}

/// The name as a file's. Two names that become one share a ledger, which only makes them spend less.
fn file_name(name: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '+');
    let lower = name.trim().to_lowercase();
    let kept: String = lower
        .chars()
        .take(150)
        .map(|c| if keep(c) { c } else { '_' })
        .collect();
    match kept.trim_start_matches('.') {
        "" => "account".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
