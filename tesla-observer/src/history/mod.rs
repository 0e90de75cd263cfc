//! What the vehicles reported, kept on this machine: one SQLite file.

mod charges;
mod drives;
mod error;
mod keep;
mod keeper;
mod last;
mod latest;
mod pack;
mod place;
mod query;
mod read;
mod readers;
mod recorder;
mod report;
mod sample;
mod schema;
mod signal;
#[cfg(test)]
mod tests;
mod texts;
mod views;
mod write;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use charges::{Charge, charges};
pub use drives::{Drive, drives};
pub use error::{OpenError, ReadError};
pub use keeper::{Figures, History};
pub use latest::{Known, Latest};
pub use query::{Guarded, QueryError, Rows};
pub use read::{Held, Query, Reader, Series, VehicleEntry};
pub use readers::Readers;
pub use recorder::{RecordError, Recorder};
pub use report::{Attributes, Metric, Observed, Report, Vehicle, reports};
pub(crate) use report::{to_json, unix_ms};
pub use sample::{Sample, samples};
pub use schema::Cars;
pub use texts::Texts;

/// How far before a time it is looked for what began earlier and went on, in milliseconds.
const LOOK_BACK_MS: i64 = 24 * 60 * 60 * 1000;
/// How long ago the last report may be of something that goes on, in milliseconds.
const GOES_ON_MS: i64 = 20 * 60 * 1000;

/// What a history is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// How long observations are kept; for ever if nothing is said.
    pub keep: Option<Duration>,
}

/// Whether there is a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None is wanted.
    Off,
    /// It is written.
    Kept(PathBuf),
    /// It cannot be written: why, and what to do, in words for whoever runs this.
    Failed(String),
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("no history is kept"),
            Self::Kept(path) => write!(f, "the history is kept in {}", path.display()),
            Self::Failed(why) => write!(f, "no history is kept: {why}"),
        }
    }
}
