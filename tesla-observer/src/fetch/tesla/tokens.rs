//! The token to ask with: renewed before it ends, by one task, and on the disk before it is used.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::account::Account;
use super::exchange::exchange;
use super::settings::{Api, Settings};
use super::store::TokenStore;
use super::wait;
use crate::fetch::{FetchError, Next, Problem, TokenValidity};

/// After a failed renewal while the token is still good.
const PATIENCE: Duration = Duration::from_secs(300);
/// Whatever a service says of a token's lifetime, it is not renewed more often than this.
const SHORTEST: Duration = Duration::from_secs(60);

/// The token to ask with.
pub(super) enum TokenSource {
    /// A token that never changes.
    Fixed(SecretString),
    /// An account's.
    Account(Arc<Shared>),
}

/// A token, and which one it is.
pub(super) struct Token {
    pub(super) value: SecretString,
    /// Grows with each renewal.
    generation: u64,
    /// Whether this process made it, so that how it was made is known.
    pub(super) fresh: bool,
}

pub(super) struct Shared {
    settings: Settings,
    store: TokenStore,
    /// Whoever holds it may renew; everyone else waits and finds the new token.
    state: Arc<Mutex<State>>,
    validity: std::sync::Mutex<TokenValidity>,
}

struct State {
    account: Account,
    generation: u64,
    fresh: bool,
    /// Renewed already, but not on the disk yet: not to be used.
    unsaved: bool,
    /// Three quarters of the lifetime, by a clock that never jumps.
    renew_at: Instant,
    ends_at: Instant,
    renewed_at: Option<Instant>,
    failures: u32,
    /// The last failure, and until when it stands.
    failed: Option<(Instant, FetchError)>,
}

impl TokenSource {
    pub(super) fn of_account(settings: Settings, account: Account, store: TokenStore) -> Self {
        let validity = std::sync::Mutex::new(account.tokens.validity());
        let state = Arc::new(Mutex::new(State::new(account)));
        Self::Account(Arc::new(Shared {
            settings,
            store,
            state,
            validity,
        }))
    }

    /// From when and until when the access token is good, if that is known.
    pub(super) fn validity(&self) -> Option<TokenValidity> {
        match self {
            Self::Fixed(_) => None,
            Self::Account(shared) => Some(
                *shared
                    .validity
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            ),
        }
    }

    /// A token that is good now.
    pub(super) async fn current(&self) -> Result<Token, FetchError> {
        let shared = match self {
            Self::Fixed(value) => {
                return Ok(Token {
                    value: value.clone(),
                    generation: 0,
                    fresh: false,
                });
            }
            Self::Account(shared) => shared,
        };
        let state = Arc::clone(&shared.state).lock_owned().await;
        if !state.unsaved && !state.is_due() {
            return Ok(state.token());
        }
        shared.renewed(state, false).await
    }

    /// Waits until no renewal is under way: a refresh token that has been used is on the disk.
    pub(super) async fn settle(&self) {
        if let Self::Account(shared) = self {
            drop(shared.state.lock().await);
        }
    }

    /// Another token than this one, which was refused; `None` if there can be no better one.
    pub(super) async fn instead_of(&self, refused: &Token) -> Result<Option<Token>, FetchError> {
        let Self::Account(shared) = self else {
            return Ok(None);
        };
        let state = Arc::clone(&shared.state).lock_owned().await;
        if state.generation != refused.generation && !state.unsaved {
            return Ok(Some(state.token()));
        }
        if state.renewed_at.is_some_and(|at| at.elapsed() < SHORTEST) && !state.unsaved {
            return Ok(None);
        }
        shared.renewed(state, true).await.map(Some)
    }
}

impl Shared {
    /// Renews in a task of its own: a refresh token that has been used must reach the disk, even
    /// if whoever asked for it has gone.
    async fn renewed(
        self: &Arc<Self>,
        state: OwnedMutexGuard<State>,
        forced: bool,
    ) -> Result<Token, FetchError> {
        let shared = Arc::clone(self);
        let task = async move { shared.renew(state, forced).await };
        match tokio::spawn(task.in_current_span()).await {
            Ok(result) => result,
            Err(_) => Err(FetchError {
                doing: "renewing the token".to_owned(),
                problem: Problem::Local,
                detail: "the task ended early".to_owned(),
                next: Next::After(wait::after_failures(0)),
            }),
        }
    }

    async fn renew(
        &self,
        mut state: OwnedMutexGuard<State>,
        forced: bool,
    ) -> Result<Token, FetchError> {
        let standing = state
            .failed
            .as_ref()
            .filter(|(until, _)| *until > Instant::now());
        let result = match standing.map(|(_, error)| error.clone()) {
            // Others were waiting for the attempt that has just failed: one is enough.
            Some(error) => Err(error),
            None => self.attempt(&mut state).await.inspect_err(|error| {
                tracing::warn!(%error, "a token could not be renewed");
                state.note_failure(error);
            }),
        };
        *self.validity.lock().unwrap_or_else(PoisonError::into_inner) =
            state.account.tokens.validity();
        match result {
            Ok(()) => Ok(state.token()),
            // The old token is still good: its owner need not wait for what a later attempt brings.
            Err(_) if !forced && !state.unsaved && !state.is_over() => Ok(state.token()),
            Err(error) => Err(error),
        }
    }

    async fn attempt(&self, state: &mut State) -> Result<(), FetchError> {
        if !state.unsaved {
            if self.is_renewed_elsewhere(state).await && !state.is_due() {
                return Ok(());
            }
            let tokens = match self.ask(&state.account).await {
                Ok(tokens) => tokens,
                // Somebody else may have used the refresh token at the same time.
                Err(error) if error.problem == Problem::Unauthorized => {
                    return match self.is_renewed_elsewhere(state).await {
                        true => Ok(()),
                        false => Err(error),
                    };
                }
                Err(error) => return Err(error),
            };
            state.account.tokens = tokens;
            state.unsaved = true;
        }
        let (store, account) = (self.store.clone(), state.account.clone());
        let saved = tokio::task::spawn_blocking(move || store.save(&account)).await;
        let problem = match saved {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the task that writes ended early".to_owned()),
        };
        if let Some(problem) = problem {
            return Err(FetchError {
                doing: format!("keeping the renewed token of {}", state.account.name),
                problem: Problem::Local,
                detail: format!(
                    "{problem} (it is not used before it is stored, since it would be lost at the next start)"
                ),
                next: Next::After(wait::after_failures(state.failures)),
            });
        }
        state.take_over();
        Ok(())
    }

    /// Whether another process has renewed the tokens or logged in since, and if so, takes over what
    /// it has stored: a refresh token that it has used is worth nothing any more.
    async fn is_renewed_elsewhere(&self, state: &mut State) -> bool {
        let (store, name) = (self.store.clone(), state.account.name.clone());
        let stored = tokio::task::spawn_blocking(move || store.load(&name)).await;
        // What cannot be read now was good enough at the start.
        let Ok(Ok(stored)) = stored else {
            return false;
        };
        let same_login = stored.api.is_fleet() == state.account.api.is_fleet()
            && stored.api.client_id() == state.account.api.client_id()
            && stored.auth_host == state.account.auth_host;
        // What this process uses has been stored before: what differs came later.
        if !same_login || stored.tokens.is_same(&state.account.tokens) {
            return false;
        }
        tracing::info!("another process has renewed the token: using that one");
        state.adopt(stored);
        true
    }

    async fn ask(&self, account: &Account) -> Result<super::account::Tokens, FetchError> {
        let doing = format!("renewing the token of {}", account.name);
        let Some(refresh_token) = &account.tokens.refresh_token else {
            return Err(no_refresh_token(doing));
        };
        let Some(base) = account.token_base(&self.settings) else {
            return Err(no_refresh_token(doing));
        };
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", account.api.client_id()),
            ("refresh_token", refresh_token.expose_secret()),
        ];
        if matches!(account.api, Api::Owner) {
            form.push(("scope", super::auth::OWNER_SCOPES));
        }
        let given = exchange(&self.settings, &base, &form, &doing).await?;
        Ok(given.into_tokens(Some(&account.tokens)))
    }
}

fn no_refresh_token(doing: String) -> FetchError {
    FetchError {
        doing,
        problem: Problem::Unauthorized,
        detail:
            "there is no refresh token to renew it with; log in again with `tesla-observer login`"
                .to_owned(),
        next: Next::Stop,
    }
}

impl State {
    fn new(account: Account) -> Self {
        let now = Instant::now();
        let (renew_in, ends_in) = remaining(&account, SystemTime::now());
        Self {
            account,
            generation: 0,
            fresh: false,
            unsaved: false,
            renew_at: later(now, renew_in),
            ends_at: later(now, ends_in),
            renewed_at: None,
            failures: 0,
            failed: None,
        }
    }

    /// What was renewed is stored: it is the token now.
    fn take_over(&mut self) {
        let now = Instant::now();
        let lifetime = self.account.tokens.lifetime();
        self.generation += 1;
        self.fresh = true;
        self.unsaved = false;
        self.renew_at = later(now, three_quarters(lifetime));
        self.ends_at = later(now, lifetime);
        self.renewed_at = Some(now);
        self.failures = 0;
        self.failed = None;
    }

    /// Another process has stored these tokens: how it made them is not known.
    fn adopt(&mut self, account: Account) {
        let generation = self.generation + 1;
        *self = Self {
            generation,
            ..Self::new(account)
        };
    }

    fn token(&self) -> Token {
        Token {
            value: self.account.tokens.access_token.clone(),
            generation: self.generation,
            fresh: self.fresh,
        }
    }

    /// Whether it is time to renew, by either clock: the one that never jumps stands still while
    /// some machines sleep.
    fn is_due(&self) -> bool {
        if self.renewed_at.is_some_and(|at| at.elapsed() < SHORTEST) {
            return false;
        }
        let (renew_in, _) = remaining(&self.account, SystemTime::now());
        renew_in.is_zero() || self.renew_at <= Instant::now()
    }

    /// Whether the token has ended, by either clock.
    fn is_over(&self) -> bool {
        let (_, ends_in) = remaining(&self.account, SystemTime::now());
        ends_in.is_zero() || self.ends_at <= Instant::now()
    }

    fn note_failure(&mut self, error: &FetchError) {
        let wait = match error.next {
            _ if self.unsaved => Duration::ZERO,
            Next::AsUsual => Duration::ZERO,
            Next::After(wait) => wait.max(wait::after_failures(self.failures)),
            Next::Stop => PATIENCE,
        };
        self.failures = self.failures.saturating_add(1);
        let patience = if self.is_over() || self.unsaved {
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
#[path = "tokens_tests.rs"]
mod tests;
