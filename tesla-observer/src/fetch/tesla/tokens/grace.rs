//! Which of two refresh tokens is the right one.
//!
//! Tesla gives a new refresh token with each renewal, and goes on taking the one that was used last for
//! a day. The file has the present one and the one that it was given for; the file is replaced as a
//! whole, so it is of before or of after a renewal, never between.
//!
//! | killed | the file has | the service takes |
//! |---|---|---|
//! | before the service acted | present | present: it was not used yet |
//! | after, before the file was replaced | present, used | present: it was used last |
//! | after the file was replaced | successor | successor |
//!
//! So after any crash the present one is right, and it is tried first: both where the one that was used
//! last lives for a day, and where it dies as soon as its successor is used, which nobody could do yet
//! who did not have it on the disk. The one before it can only be right where the service does not know
//! the present one: somebody else (a copy of the file on another machine, a program without our lock)
//! used the one before it once more, and got a successor that replaced ours; or the service lost what
//! it gave. Then the one before it is the one that was used last, for a day from when the present one
//! was given. It is tried only after the present one was refused: a strict service may take a token
//! that it believes dead for a thief's, and then nothing is lost any more.

use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};

use super::super::account::{Account, Tokens};
use super::super::auth::OWNER_SCOPES;
use super::super::exchange::exchange;
use super::super::settings::{Api, Settings};
use crate::fetch::{FetchError, Next, Problem};

/// How long the refresh token that was used last is still taken: "up to 24 hours",
/// <https://developer.tesla.com/docs/fleet-api/authentication/third-party-tokens>.
const GRACE: Duration = Duration::from_secs(86_400);

/// Asks the service for new tokens.
pub(super) async fn ask(settings: &Settings, account: &Account) -> Result<Tokens, FetchError> {
    let tokens = &account.tokens;
    let Some(present) = &tokens.refresh_token else {
        return Err(no_refresh_token(account));
    };
    let refused = match ask_with(settings, account, present).await {
        Err(error) if error.problem == Problem::Unauthorized => error,
        other => return other,
    };
    let Some(before) = in_grace(tokens, SystemTime::now()) else {
        return Err(refused);
    };
    tracing::warn!(
        "the refresh token of {} was refused; trying the one before it, which may be taken for a day",
        account.name
    );
    match ask_with(settings, account, before).await {
        Err(error) if error.problem == Problem::Unauthorized => Err(refused),
        other => other,
    }
}

/// The refresh token before the present one, while the service may still take it: it was used when
/// the present one was given. A clock that was put back since is believed.
fn in_grace(tokens: &Tokens, now: SystemTime) -> Option<&SecretString> {
    let before = tokens.previous_refresh_token.as_ref()?;
    let since = now.duration_since(tokens.obtained_at).unwrap_or_default();
    (since < GRACE).then_some(before)
}

async fn ask_with(
    settings: &Settings,
    account: &Account,
    refresh_token: &SecretString,
) -> Result<Tokens, FetchError> {
    let Some(base) = account.token_base(settings) else {
        return Err(no_refresh_token(account));
    };
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", account.api.client_id()),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    if matches!(account.api, Api::Owner) {
        form.push(("scope", OWNER_SCOPES));
    }
    let given = exchange(settings, &base, &form, &doing(account)).await?;
    Ok(given.into_tokens(Some(refresh_token)))
}

fn doing(account: &Account) -> String {
    format!("renewing the token of {}", account.name)
}

fn no_refresh_token(account: &Account) -> FetchError {
    FetchError {
        doing: doing(account),
        problem: Problem::Unauthorized,
        detail:
            "there is no refresh token to renew it with; log in again with `tesla-observer login`"
                .to_owned(),
        next: Next::Stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_before_the_present_one_has_a_day() {
        let obtained_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let mut tokens = Tokens {
            access_token: "access".into(),
            refresh_token: Some("present".into()),
            previous_refresh_token: Some("before".into()),
            obtained_at,
            expires_at: obtained_at + Duration::from_secs(28_800),
        };
        let day = Duration::from_secs(86_400);
        let second = Duration::from_secs(1);
        for (now, may) in [
            (obtained_at, true),
            (obtained_at + day - second, true),
            (obtained_at + day, false),
            (obtained_at - 9 * day, true),
        ] {
            assert_eq!(in_grace(&tokens, now).is_some(), may, "{now:?}");
        }
        tokens.previous_refresh_token = None;
        assert!(in_grace(&tokens, obtained_at).is_none());
    }
}
