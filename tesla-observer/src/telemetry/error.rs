//! What can be wrong when telemetry starts, and what may be lost when it ends.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// Why telemetry cannot start as it was told to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    /// The destination at fault: `otlp (metrics)`, `prometheus`.
    pub destination: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl StartError {
    pub(super) fn new(
        destination: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        StartError {
            destination: destination.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StartError {
            destination,
            problem,
            remedy,
        } = self;
        write!(f, "{destination}: {problem}; {remedy}")
    }
}

impl Error for StartError {}

/// Why there is no fleet of this type.
#[derive(Debug)]
pub enum FleetError {
    /// There is one already. A second one would report the same metrics twice.
    Exists,
    /// The metrics of the type cannot be registered.
    Register(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FleetError::Exists => f.write_str(
                "there is a fleet of this type already, which reports these metrics: use it",
            ),
            FleetError::Register(error) => write!(f, "registering a fleet's metrics: {error}"),
        }
    }
}

impl Error for FleetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FleetError::Exists => None,
            FleetError::Register(error) => Some(error.as_ref()),
        }
    }
}

/// What could not be delivered before telemetry had to end. One of the two is never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutdownError {
    /// What is lost, by destination and signal.
    pub lost: Vec<Lost>,
    /// What waits on disk for the next start, by destination and signal.
    pub waiting: Vec<Waiting>,
}

/// What waits on disk for one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub destination: String,
    /// `metrics`, `traces` or `logs`.
    pub signal: &'static str,
    /// How many requests wait.
    pub requests: usize,
    /// Where.
    pub directory: PathBuf,
}

/// What one destination did not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub destination: String,
    /// `metrics`, `traces` or `logs`.
    pub signal: &'static str,
    /// How many requests were not delivered; `None` if that is not known.
    pub requests: Option<usize>,
}

impl fmt::Display for ShutdownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not everything could be delivered in time")?;
        for (n, waiting) in self.waiting.iter().enumerate() {
            let separator = if n == 0 { ": " } else { ", " };
            let Waiting {
                destination,
                signal,
                requests,
                directory,
            } = waiting;
            let place = directory.display();
            write!(
                f,
                "{separator}{requests} requests with {signal} for {destination} (in {place})"
            )?;
        }
        if !self.waiting.is_empty() {
            f.write_str(" wait on disk and are sent at the next start")?;
        }
        for (n, lost) in self.lost.iter().enumerate() {
            let separator = match (n, self.waiting.is_empty()) {
                (0, true) => ": lost are ",
                (0, false) => "; lost are ",
                _ => ", ",
            };
            let Lost {
                destination,
                signal,
                requests,
            } = lost;
            match requests {
                Some(requests) => write!(
                    f,
                    "{separator}{requests} requests with {signal} for {destination}"
                )?,
                None => write!(f, "{separator}{signal} for {destination}")?,
            }
        }
        Ok(())
    }
}

impl Error for ShutdownError {}
