//! The tokens in use, and when they must be renewed: by two clocks, of which either may be wrong.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::super::account::{Account, Tokens};
use super::super::wait;
use super::Token;
use crate::fetch::{FetchError, Next};
use crate::warned::Warned;

/// After a failed renewal while the token is still good.
const PATIENCE: Duration = Duration::from_secs(300);
/// Whatever a service says of a token's lifetime, it is not renewed more often than this.
pub(super) const SHORTEST: Duration = Duration::from_secs(60);

/// The tokens in use, which are on the disk.
pub(super) struct State {
    pub(super) account: Account,
    pub(super) generation: u64,
    fresh: bool,
    /// Renewed already, but not on the disk yet: not to be used.
    pub(super) pending: Option<Tokens>,
    /// Three quarters of the lifetime, by a clock that never jumps.
    renew_at: Instant,
    ends_at: Instant,
    renewed_at: Option<Instant>,
    pub(super) failures: u32,
    /// The last failure, and until when it stands.
    failed: Option<(Instant, FetchError)>,
    /// Why the refresh token is not sent again while the access token is good.
    pub(super) refused: Option<FetchError>,
    /// Why the account is not asked any more: what is stored of it is no more this login's.
    pub(super) ended: Option<FetchError>,
    pub(super) warned: Warned,
}

impl State {
    pub(super) fn new(account: Account) -> Self {
        let now = Instant::now();
        let (renew_in, ends_in) = remaining(&account, SystemTime::now());
        Self {
            account,
            generation: 0,
            fresh: false,
            pending: None,
            renew_at: later(now, renew_in),
            ends_at: later(now, ends_in),
            renewed_at: None,
            failures: 0,
            failed: None,
            refused: None,
            ended: None,
            warned: Warned::default(),
        }
    }

    /// What was renewed is stored: it is the token now.
    pub(super) fn take_over(&mut self, tokens: Tokens) {
        let now = Instant::now();
        self.account.tokens = tokens;
        let lifetime = self.account.tokens.lifetime();
        self.generation += 1;
        self.fresh = true;
        self.pending = None;
        self.renew_at = later(now, three_quarters(lifetime));
        self.ends_at = later(now, lifetime);
        self.renewed_at = Some(now);
        self.failures = 0;
        self.failed = None;
    }

    /// Another process has stored these tokens: how it made them is not known.
    pub(super) fn adopt(&mut self, account: Account) {
        let generation = self.generation + 1;
        *self = Self {
            generation,
            ..Self::new(account)
        };
    }

    pub(super) fn token(&self) -> Token {
        Token {
            value: self.account.tokens.access_token.clone(),
            generation: self.generation,
            fresh: self.fresh,
        }
    }

    /// As if this token had been given long ago.
    #[cfg(test)]
    pub(super) fn make_due(&mut self) {
        self.renewed_at = None;
        self.renew_at = Instant::now();
    }

    /// Whether this process has renewed them so recently that it does not again.
    pub(super) fn is_recent(&self) -> bool {
        self.renewed_at.is_some_and(|at| at.elapsed() < SHORTEST)
    }

    /// What stands of a failure: others were waiting for the attempt that has just failed, and one is
    /// enough.
    pub(super) fn failure(&self) -> Option<&FetchError> {
        let (until, error) = self.failed.as_ref()?;
        (*until > Instant::now()).then_some(error)
    }

    /// Whether it is time to renew, by either clock: the one that never jumps stands still while
    /// some machines sleep.
    pub(super) fn is_due(&self) -> bool {
        if self.is_recent() {
            return false;
        }
        let (renew_in, _) = remaining(&self.account, SystemTime::now());
        renew_in.is_zero() || self.renew_at <= Instant::now()
    }

    /// Whether the token has ended, by either clock.
    pub(super) fn is_over(&self) -> bool {
        let (_, ends_in) = remaining(&self.account, SystemTime::now());
        ends_in.is_zero() || self.ends_at <= Instant::now()
    }

    pub(super) fn note_failure(&mut self, error: &FetchError) {
        let wait = match error.next {
            _ if self.pending.is_some() => Duration::ZERO,
            Next::AsUsual => Duration::ZERO,
            Next::After(wait) => wait.max(wait::after_failures(self.failures)),
            Next::Stop => PATIENCE,
        };
        self.failures = self.failures.saturating_add(1);
        let patience = if self.is_over() || self.pending.is_some() {
            wait
        } else {
            wait.max(PATIENCE)
        };
        let next = match error.next {
            Next::After(_) => Next::After(wait.max(wait::after_failures(0))),
            other => other,
        };
        let error = FetchError {
            next,
            ..error.clone()
        };
        self.failed = Some((later(Instant::now(), patience), error));
    }
}

/// How long until the account's token should be renewed and until it ends, by the clock on the
/// wall. Never more than its lifetime, wherever that clock has been put.
fn remaining(account: &Account, now: SystemTime) -> (Duration, Duration) {
    let tokens = &account.tokens;
    let lifetime = tokens.lifetime();
    let ends_in = tokens
        .expires_at
        .duration_since(now)
        .unwrap_or_default()
        .min(lifetime);
    let renew_in = ends_in.saturating_sub(lifetime - three_quarters(lifetime));
    (renew_in, ends_in)
}

/// As TeslaMate does it: late enough to be rare, early enough for many attempts.
fn three_quarters(lifetime: Duration) -> Duration {
    lifetime / 4 * 3
}

fn later(now: Instant, wait: Duration) -> Instant {
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
