//! When a request that its receiver does not take is given up, so that it does not hold up the others.

use std::time::Duration;

use tokio::time::Instant;

use super::super::transport::Failure;

/// After so many refusals of the oldest request, and so long after the first of them, the one behind
/// it is tried.
pub(super) const REFUSALS: u32 = 20;
pub(super) const REFUSED_FOR: Duration = Duration::from_secs(3600);

/// How often the receiver itself has refused the oldest request although it said that it might take
/// it later. A receiver that is away does so, too, through a proxy: only one that takes other
/// requests in the meantime will never take this one.
#[derive(Debug)]
pub(super) struct Refusals {
    enough: u32,
    lasting: Duration,
    pub(super) count: u32,
    since: Option<Instant>,
    /// Whether the one behind it has been taken.
    pub(super) others_are_taken: bool,
}

impl Refusals {
    pub(super) fn new(enough: u32, lasting: Duration) -> Self {
        Refusals {
            enough,
            lasting,
            count: 0,
            since: None,
            others_are_taken: false,
        }
    }

    /// One more failure; whether there have been enough refusals.
    pub(super) fn again(&mut self, failure: &Failure) -> bool {
        if !failure.is_refusal() {
            return false;
        }
        self.count += 1;
        let since = *self.since.get_or_insert_with(Instant::now);
        self.count >= self.enough && since.elapsed() >= self.lasting
    }

    /// The oldest request is another one now.
    pub(super) fn over(&mut self) {
        *self = Self::new(self.enough, self.lasting);
    }
}
