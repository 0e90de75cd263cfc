//! How the observer itself is.

use std::fmt;
use std::sync::Arc;

use crate::history::Standing;

/// How the observer itself is, at one moment.
#[derive(Clone, Debug)]
pub struct Health {
    /// How long it has been running, in seconds.
    pub uptime_seconds: f64,
    /// Whether the cars are simulated ones.
    pub simulated: bool,
    /// When each vehicle was asked, and will be.
    pub vehicles: Vec<Turns>,
    /// The token, if there is one that ages.
    pub token: Option<Token>,
    /// The destinations, one entry for each signal.
    pub exports: Vec<Export>,
    /// The history.
    pub history: Standing,
    /// Reports that could not be written in it, since the start.
    pub history_lost: u64,
    /// The size of its file, in bytes.
    pub history_size: u64,
}

/// When a vehicle was asked, and will be.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Its [key](crate::history::Vehicle::key), once it is known.
    pub key: Option<String>,
    /// What it is called.
    pub name: String,
    /// Whether it could be asked: `online`, `asleep`…
    pub availability: Option<&'static str>,
    /// When it was asked last, in milliseconds since the Unix epoch.
    pub asked_ms: Option<i64>,
    /// When it is asked next.
    pub next_ms: Option<i64>,
    /// What went wrong when it was asked last.
    pub problem: Option<String>,
}

/// The account's token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// How old it is, in seconds.
    pub age_seconds: f64,
    /// How long it is valid still, in seconds; negative if it is not.
    pub expires_in_seconds: Option<f64>,
}

/// One signal to one destination.
#[derive(Clone, Debug)]
pub struct Export {
    /// What it is called: `otlp`, `greptimedb`.
    pub destination: String,
    /// `metrics`, `traces` or `logs`.
    pub signal: String,
    /// Requests that were taken, since the start.
    pub delivered: u64,
    /// Attempts that failed, since the start.
    pub failures: u64,
    /// Requests that will never be taken.
    pub dropped: u64,
    /// Requests that wait.
    pub waiting: u64,
}

/// Tells how the observer is now.
#[derive(Clone)]
pub struct HealthSource(Arc<dyn Fn() -> Health + Send + Sync>);

impl HealthSource {
    /// A source.
    pub fn new(health: impl Fn() -> Health + Send + Sync + 'static) -> Self {
        Self(Arc::new(health))
    }

    /// How it is now.
    pub fn now(&self) -> Health {
        (self.0)()
    }
}

impl fmt::Debug for HealthSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HealthSource(..)")
    }
}
