//! What is stored of an account, beside what is used of it: other processes change it, and its owner
//! does.

use std::time::SystemTime;

use super::super::account::Account;
use super::super::store::{Lack, TokenError};
use super::state::State;
use crate::fetch::{FetchError, Next, Problem};

/// What is stored, to one who uses tokens of an account.
pub(super) enum Stored {
    /// What is used, or what cannot be read now: it was good enough at the start.
    Same,
    /// Another process has renewed the tokens, or their owner has logged in again.
    Newer(Box<Account>),
    /// Tokens from before: a copy that was put back.
    Older(Box<Account>),
    /// Nothing that the tokens in use may be stored over, and why.
    NotOurs(FetchError),
}

impl Stored {
    pub(super) fn compared(read: Result<Account, TokenError>, state: &State) -> Self {
        let account = &state.account;
        let stored = match read {
            Ok(stored) => stored,
            Err(error) => {
                return match error.lack {
                    Lack::Gone => Self::NotOurs(gone(account)),
                    Lack::OtherAccount => Self::NotOurs(other(account, &error.to_string())),
                    Lack::Trouble => Self::Same,
                };
            }
        };
        let same_login = stored.api.is_fleet() == account.api.is_fleet()
            && stored.api.client_id() == account.api.client_id()
            && stored.auth_host == account.auth_host;
        if !same_login {
            let what = match stored.api.is_fleet() {
                true => "another login, for the Fleet API, was stored since",
                false => "another login, for the Owner API, was stored since",
            };
            return Self::NotOurs(other(account, what));
        }
        if stored.tokens.is_same(&account.tokens) {
            return Self::Same;
        }
        let ours = state.pending.as_ref().unwrap_or(&account.tokens);
        // A time that is still to come was told by a clock that was wrong.
        let is_known = ours.obtained_at <= SystemTime::now();
        match is_known && stored.tokens.are_older_than(ours) {
            true => Self::Older(Box::new(stored)),
            false => Self::Newer(Box::new(stored)),
        }
    }
}

fn gone(account: &Account) -> FetchError {
    stop(
        account,
        "its file was deleted since; nothing more is asked, and it is not made again. Log in again with `tesla-observer login`",
    )
}

fn other(account: &Account, what: &str) -> FetchError {
    let detail = format!(
        "{what}; it is left as it is, and nothing more is asked with the one before. Start the observer again to use what is stored"
    );
    stop(account, &detail)
}

fn stop(account: &Account, detail: &str) -> FetchError {
    FetchError {
        doing: format!("using the tokens of {}", account.name),
        problem: Problem::Unauthorized,
        detail: detail.to_owned(),
        next: Next::Stop,
    }
}
