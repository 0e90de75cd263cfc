//! When a request that its receiver does not take is given up, so that it does not hold up the others.

use std::time::Duration;

use tokio::time::Instant;

use super::super::transport::Failure;

/// After so many refusals of the oldest request, and so long after the first of them, the one behind
/// it is tried.
pub(super) const REFUSALS: u32 = 20;
pub(super) const REFUSED_FOR: Duration = Duration::from_secs(3600);
/// How often the oldest must be refused after the other one was taken: a receiver that comes back does
/// not take everything at once.
pub(super) const FURTHER: u32 = 6;

/// How often the receiver itself has refused the oldest request although it said that it might take
/// it later. A receiver that is away does so, too, through a proxy: only one that takes other
/// requests in the meantime will never take this one.
#[derive(Debug)]
pub(super) struct Refusals {
    enough: u32,
    lasting: Duration,
    further: u32,
    count: u32,
    since: Option<Instant>,
    /// How many refusals there had been when the one behind it was taken.
    took_another: Option<u32>,
}

impl Refusals {
    pub(super) fn new(enough: u32, lasting: Duration, further: u32) -> Self {
        Refusals {
            enough,
            lasting,
            further,
            count: 0,
            since: None,
            took_another: None,
        }
    }

    /// One more failure; whether there have been enough refusals for the next step.
    pub(super) fn again(&mut self, failure: &Failure) -> bool {
        if !failure.is_refusal() {
            return false;
        }
        self.count = self.count.saturating_add(1);
        let since = *self.since.get_or_insert_with(Instant::now);
        match self.took_another {
            Some(before) => self.count - before >= self.further,
            None => self.count >= self.enough && since.elapsed() >= self.lasting,
        }
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The one behind it has been taken.
    pub(super) fn took_another(&mut self) {
        self.took_another = Some(self.count);
    }

    pub(super) fn others_are_taken(&self) -> bool {
        self.took_another.is_some()
    }

    /// The oldest request is another one now.
    pub(super) fn over(&mut self) {
        *self = Self::new(self.enough, self.lasting, self.further);
    }
}
