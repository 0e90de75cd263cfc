//! The token to ask with: renewed before it ends, by one task of one process at a time, and on the disk
//! before it is used.

mod fuse;
mod grace;
#[cfg(all(test, unix))]
pub(super) mod kills;
mod state;
mod stored;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tracing::Instrument as _;

use self::fuse::Fuse;
use self::state::State;
use self::stored::Stored;
use super::account::Account;
use super::settings::Settings;
use super::step::{Step, reached};
use super::store::TokenStore;
use super::wait;
use crate::fetch::{FetchError, Next, Problem, TokenValidity};

/// How long writing the tokens may take another process, beside what it asks.
const WRITING: Duration = Duration::from_secs(30);

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
    fuse: std::sync::Mutex<Fuse>,
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
            fuse: std::sync::Mutex::default(),
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
        shared.check(&state, None)?;
        if state.pending.is_none() && !state.is_due() {
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

    /// As if it were time to renew.
    #[cfg(test)]
    pub(super) async fn renew_at_once(&self) {
        if let Self::Account(shared) = self {
            shared.state.lock().await.make_due();
        }
    }

    /// Another token than this one, which was refused for this reason; `None` if there can be no better
    /// one.
    ///
    /// # Errors
    ///
    /// If there is none now, and when so many were refused that the account is not asked any more.
    pub(super) async fn instead_of(
        &self,
        refused: &Token,
        why: Problem,
    ) -> Result<Option<Token>, FetchError> {
        let Self::Account(shared) = self else {
            return Ok(None);
        };
        let mut state = Arc::clone(&shared.state).lock_owned().await;
        let unauthorized = why == Problem::Unauthorized;
        shared.check(&state, unauthorized.then_some(refused.generation))?;
        if state.generation != refused.generation {
            return Ok(Some(state.token()));
        }
        if state.is_recent() && state.pending.is_none() {
            let other = shared.take_what_is_stored(&mut state).await?;
            return Ok(other.then(|| state.token()));
        }
        shared.renewed(state, true).await.map(Some)
    }
}

impl Shared {
    /// That the account is still this login's, and not so many tokens were refused that going on would
    /// do harm. `refused` is one more.
    fn check(&self, state: &State, refused: Option<u64>) -> Result<(), FetchError> {
        if let Some(error) = &state.ended {
            return Err(error.clone());
        }
        let mut fuse = self.fuse.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(generation) = refused {
            fuse.refused(generation);
        }
        match fuse.is_blown() {
            true => Err(fuse::stop(&state.account.name)),
            false => Ok(()),
        }
    }

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
        let result = match state.failure().cloned() {
            Some(error) => Err(error),
            None => self.attempt(&mut state, forced).await.inspect_err(|error| {
                if state.warned.is_due(error.problem) {
                    tracing::warn!(%error, "a token could not be renewed");
                }
                state.note_failure(error);
            }),
        };
        *self.validity.lock().unwrap_or_else(PoisonError::into_inner) =
            state.account.tokens.validity();
        match result {
            Ok(()) => Ok(state.token()),
            // The old token is still good: its owner need not wait for what a later attempt brings.
            Err(_) if !forced && !state.is_over() && state.ended.is_none() => Ok(state.token()),
            Err(error) => Err(error),
        }
    }

    /// Renews, unless another process has: under the account's lock from the first look at what is
    /// stored until the new tokens are, so that no two processes send the same refresh token.
    async fn attempt(&self, state: &mut State, forced: bool) -> Result<(), FetchError> {
        reached(Step::Due);
        let name = state.account.name.clone();
        let local = |problem: String| FetchError {
            doing: format!("keeping the tokens of {name}"),
            problem: Problem::Local,
            detail: problem,
            next: Next::After(wait::after_failures(state.failures)),
        };
        // Another process asks twice at most, as this one does.
        let limit = self.settings.timeout.saturating_mul(2) + WRITING;
        let lock = self.store.lock(&name, limit).await;
        let lock = lock.map_err(|error| local(error.to_string()))?;
        reached(Step::Locked);
        let refused = state.refused.clone();
        match (self.take_what_is_stored(state).await?, refused) {
            (true, _) if !state.is_due() => return Ok(()),
            // Sent again and again, it would look like somebody who tries keys.
            (false, Some(error)) if !forced && !state.is_over() => return Err(error),
            _ => {}
        }
        let tokens = match state.pending.take() {
            Some(tokens) => tokens,
            None => match grace::ask(&self.settings, &state.account).await {
                Ok(tokens) => tokens,
                Err(error) => {
                    if error.next == Next::Stop {
                        state.refused = Some(error.clone());
                    }
                    // Somebody who does not know of the lock may have used the refresh token.
                    return match error.problem == Problem::Unauthorized
                        && self.take_what_is_stored(state).await?
                    {
                        true => Ok(()),
                        false => Err(error),
                    };
                }
            },
        };
        reached(Step::Answered);
        state.refused = None;
        let mut account = state.account.clone();
        account.tokens = tokens.clone();
        let saved = tokio::task::spawn_blocking(move || lock.save(&account)).await;
        let problem = match saved {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("the task that writes ended early".to_owned()),
        };
        if let Some(problem) = problem {
            state.pending = Some(tokens);
            return Err(FetchError {
                doing: format!("keeping the renewed token of {}", state.account.name),
                problem: Problem::Local,
                detail: format!(
                    "{problem} (it is not used before it is stored, since it would be lost at the next start)"
                ),
                next: Next::After(wait::after_failures(state.failures)),
            });
        }
        reached(Step::Stored);
        state.take_over(tokens);
        Ok(())
    }

    /// Whether another process has renewed the tokens or logged in since: then what it has stored is
    /// used now. A refresh token that it has used is worth nothing any more.
    ///
    /// # Errors
    ///
    /// If what is stored is no more this login's: the account is not asked any more, and nothing of it
    /// stored.
    async fn take_what_is_stored(&self, state: &mut State) -> Result<bool, FetchError> {
        let (store, name) = (self.store.clone(), state.account.name.clone());
        let read = tokio::task::spawn_blocking(move || store.load(&name)).await;
        let Ok(read) = read else {
            return Ok(false);
        };
        match Stored::compared(read, state) {
            Stored::Same => Ok(false),
            // They are worth a try only where those in use are worth nothing.
            Stored::Older(_) if state.refused.is_none() => Ok(false),
            Stored::Newer(stored) | Stored::Older(stored) => {
                tracing::info!("other tokens were stored by another process: using those");
                state.adopt(*stored);
                Ok(true)
            }
            Stored::NotOurs(error) => {
                state.ended = Some(error.clone());
                Err(error)
            }
        }
    }
}
