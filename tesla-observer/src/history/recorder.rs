//! The history, open to be written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Settings;
use super::error::OpenError;
use super::keep::Sweep;
use super::place::{self, FileId, Place};
use super::report::Report;
use super::schema::{self, Cars};
use super::write::Writer;

/// How often what is too old is looked for.
const SWEEPS: Duration = Duration::from_secs(24 * 60 * 60);

/// The history, open to be written, by one process at a time.
#[derive(Debug)]
pub struct Recorder {
    settings: Settings,
    place: Place,
    pub(super) writer: Writer,
    sweep: Sweep,
    next_sweep: Instant,
}

impl Recorder {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// If it is no history, of other cars, of a newer version or in use, or cannot be written.
    pub fn open(settings: &Settings, cars: Cars) -> Result<Self, OpenError> {
        let place = Place::take(&settings.path)?;
        let connection = schema::open_to_write(&settings.path, cars)?;
        Ok(Self {
            settings: settings.clone(),
            place,
            writer: Writer::new(connection),
            sweep: Sweep::default(),
            next_sweep: Instant::now(),
        })
    }

    /// Writes reports in one transaction. When this returns they survive a loss of power.
    ///
    /// # Errors
    ///
    /// If they cannot be written. None of them is, then.
    pub fn record(&mut self, reports: &[Arc<Report>]) -> Result<(), RecordError> {
        let written = self.writer.write(reports);
        written.map_err(|error| self.failed(&error))
    }

    /// Forgets some of what is too old at `now` (milliseconds since the Unix epoch), if it is time to.
    /// Returns whether there is more to forget at once.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn forget(&mut self, now: i64) -> Result<bool, RecordError> {
        let Some(keep) = self.settings.keep else {
            return Ok(false);
        };
        if self.next_sweep <= Instant::now() {
            self.next_sweep = Instant::now() + SWEEPS;
            self.sweep.begin();
        }
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let cutoff = now.saturating_sub(keep);
        let gone_on = self.writer.sweep(&mut self.sweep, cutoff);
        gone_on.map_err(|error| self.failed(&error))?;
        Ok(self.sweep.goes_on())
    }

    /// Whether the file is still where it was.
    pub(super) fn is_in_place(&self) -> bool {
        self.place.is_the_same()
    }

    fn failed(&self, error: &rusqlite::Error) -> RecordError {
        RecordError {
            error: schema::opening(&self.settings.path, error),
            damaged: match schema::is_lasting(error) {
                true => place::file_id(&self.settings.path),
                false => None,
            },
        }
    }
}

/// Why something was not written.
#[derive(Clone, Debug)]
pub struct RecordError {
    /// What is wrong, and what to do.
    pub error: OpenError,
    /// The file, if it is damaged: nothing more can be done with it.
    pub(super) damaged: Option<FileId>,
}
