//! One question to the token endpoint: a code or a refresh token becomes tokens.

use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde_json::value::RawValue;

use super::account::Tokens;
use super::body::is_html;
use super::fields::{fields, text};
use super::http::{Answer, Http, Question};
use super::settings::Settings;
use super::wait;
use super::words::{quote, without};
use crate::fetch::{FetchError, Next, Problem};

/// The token endpoint's path, on every auth host.
pub(super) const PATH: &str = "/oauth2/v3/token";
/// What of a form must not be shown, should the answer repeat it.
const SECRET: [&str; 4] = ["refresh_token", "code", "code_verifier", "client_secret"];
/// How long an access token lives if the answer does not say it: Tesla's usual eight hours.
const USUAL_LIFETIME: u64 = 28_800;
const LONGEST_LIFETIME: u64 = 366 * 86_400;

/// What the token endpoint gave.
pub(super) struct Given {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    /// The account's name, from the identity token.
    pub(super) email: Option<String>,
    pub(super) lifetime: Duration,
}

impl Given {
    /// As tokens given now, for this refresh token if it was one. Without a new refresh token, it stays
    /// the present one, and has shown that the one before it is not needed any more.
    pub(super) fn into_tokens(self, used: Option<&SecretString>) -> Tokens {
        let (refresh_token, previous) = match self.refresh_token {
            Some(new) => (Some(new), used.cloned()),
            None => (used.cloned(), None),
        };
        let obtained_at = SystemTime::now();
        Tokens {
            access_token: self.access_token,
            refresh_token,
            previous_refresh_token: previous,
            obtained_at,
            expires_at: obtained_at + self.lifetime,
        }
    }
}

/// Asks the token endpoint of the auth host `base`.
pub(super) async fn exchange(
    settings: &Settings,
    base: &Url,
    form: &[(&str, &str)],
    doing: &str,
) -> Result<Given, FetchError> {
    // Made for this one request: it is needed a few times a day, and a client of its own costs
    // memory.
    let http = Http::for_auth(settings, base)?;
    let mut url = base.clone();
    super::api::append(&mut url, &["oauth2", "v3", "token"]);
    let question = Question {
        doing,
        method: "POST",
        url,
        route: PATH,
        bearer: None,
        form: Some(form),
    };
    let Answer {
        status,
        headers,
        body,
    } = http.ask(question).await?;
    let body = Zeroizing::new(body.into_text());
    let problem = match status {
        200..=299 => match given(&body) {
            Some(given) => return Ok(given),
            None => refused(200, &headers, "", SystemTime::now()),
        },
        _ => {
            let secrets = form
                .iter()
                .filter(|(key, _)| SECRET.contains(key))
                .map(|(_, value)| *value);
            let body = Zeroizing::new(without(body.to_string(), secrets));
            refused(status, &headers, &body, SystemTime::now())
        }
    };
    let (problem, detail, next) = problem;
    Err(FetchError {
        doing: doing.to_owned(),
        problem,
        detail,
        next,
    })
}

/// The tokens in an answer.
pub(super) fn given(body: &str) -> Option<Given> {
    let keys = ["access_token", "refresh_token", "id_token", "expires_in"];
    let [access, refresh, identity, lifetime] = fields(body, keys)?;
    let secret = |raw: Option<&RawValue>| {
        let text = Zeroizing::new(text(raw?)?);
        (!text.is_empty()).then_some(text)
    };
    let lifetime = lifetime.and_then(|raw| match text(raw) {
        Some(text) => text.trim().parse().ok(),
        None => raw.get().parse().ok(),
    });
    let lifetime = lifetime.map_or(USUAL_LIFETIME, |seconds: f64| {
        seconds.clamp(0.0, LONGEST_LIFETIME as f64) as u64
    });
    let email = secret(identity).and_then(|token| super::region::claim(&token, "email"));
    Some(Given {
        access_token: secret(access)?.as_str().into(),
        refresh_token: secret(refresh).map(|token| token.as_str().into()),
        email,
        lifetime: Duration::from_secs(lifetime),
    })
}

/// What an answer without tokens means.
pub(super) fn refused(
    status: u16,
    headers: &HeaderMap,
    body: &str,
    now: SystemTime,
) -> (Problem, String, Next) {
    let [error, description] = fields(body, ["error", "error_description"]).unwrap_or_default();
    let word = |raw: Option<&RawValue>| Zeroizing::new(raw.and_then(text).unwrap_or_default());
    let (error, description) = (word(error), word(description));
    let (error, description) = (error.as_str(), description.as_str());
    let said = match quote(&format!("{error} {description}")) {
        words if words.is_empty() => String::new(),
        words => format!(" (\"{words}\")"),
    };
    let login = "log in again with `tesla-observer login`";
    let later = Next::After(wait::after_failures(0));
    match (status, error) {
        (400..=499, "login_required" | "invalid_grant" | "access_denied" | "interaction_required") => (
            Problem::Unauthorized,
            format!("Tesla no longer takes the login{said}: it is expired, was used already, was revoked, or the password was changed; {login}"),
            Next::Stop,
        ),
        (400..=499, "invalid_client" | "unauthorized_client") => (
            Problem::Configuration,
            format!("Tesla does not know the application or its secret{said}; check the client id and the client secret"),
            Next::Stop,
        ),
        (400..=499, _) if description.contains("redirect_uri") => (
            Problem::Configuration,
            format!("Tesla does not know the redirect URI for this application{said}; register it at developer.tesla.com, or correct TESLA_REDIRECT_URI"),
            Next::Stop,
        ),
        (429, _) => {
            let wait = wait::retry_after(headers, now).or_else(|| wait::retry_in(body)).unwrap_or(wait::LONG);
            (Problem::RateLimited, format!("too many logins{said}; asking again in {} s", wait.as_secs()), Next::After(wait))
        }
        (200..=299, _) => (
            Problem::Unreadable,
            "the answer has no tokens: something between here and Tesla answers, or the auth host is wrong".to_owned(),
            later,
        ),
        (300..=399, _) => (
            Problem::Blocked,
            "the answer leads elsewhere, where the token is not sent: check the auth host, and whether a proxy is in between".to_owned(),
            Next::After(wait::LONG),
        ),
        (403, _) if is_html(body) => (
            Problem::Blocked,
            "a firewall in front of Tesla refuses this address (an HTML page with status 403); try again later or from another network".to_owned(),
            Next::After(wait::LONG),
        ),
        (408 | 499, _) => (
            Problem::Server,
            format!("Tesla's login servers did not answer in time (status {status}){said}"),
            later,
        ),
        (404 | 405, _) => (
            Problem::Configuration,
            format!("this host gives no tokens (status {status}); check the auth host"),
            Next::Stop,
        ),
        (400 | 401, _) => (
            Problem::Unauthorized,
            format!("Tesla refuses the login (status {status}){said}; {login}"),
            Next::Stop,
        ),
        (400..=499, _) => (
            Problem::Forbidden,
            format!("Tesla refuses to give tokens (status {status}){said}"),
            Next::After(wait::LONG),
        ),
        _ => {
            let wait = wait::retry_after(headers, now).map_or(later, Next::After);
            (Problem::Server, format!("Tesla's login servers failed (status {status}){said}"), wait)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_lifetime_is_read_however_it_is_written() {
        for (expires_in, seconds) in [
            ("28800", 28_800),
            ("\"3600\"", 3_600),
            ("60.5", 60),
            ("-5", 0),
            ("1e300", LONGEST_LIFETIME),
            ("null", USUAL_LIFETIME),
        ] {
            let body = format!(r#"{{"access_token":"a","expires_in":{expires_in}}}"#);
            assert_eq!(
                given(&body).expect("tokens").lifetime.as_secs(),
                seconds,
                "{expires_in}"
            );
        }
        assert!(given(r#"{"access_token":""}"#).is_none());
        assert!(given("<html>").is_none());
    }

    #[test]
    fn an_answer_without_a_refresh_token_keeps_the_old() {
        let first = given(r#"{"access_token":"a1","refresh_token":"r1"}"#)
            .expect("tokens")
            .into_tokens(None);
        let second = given(r#"{"access_token":"a2"}"#)
            .expect("tokens")
            .into_tokens(first.refresh_token.as_ref());
        let third = given(r#"{"access_token":"a3","refresh_token":"r3"}"#)
            .expect("tokens")
            .into_tokens(second.refresh_token.as_ref());
        let refresh = |tokens: &Tokens| {
            tokens
                .refresh_token
                .as_ref()
                .map(|t| t.expose_secret().to_owned())
        };
        assert_eq!(refresh(&second).as_deref(), Some("r1"));
        assert!(second.previous_refresh_token.is_none());
        assert_eq!(refresh(&third).as_deref(), Some("r3"));
        let previous = third.previous_refresh_token.expect("kept");
        assert_eq!(previous.expose_secret(), "r1");
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let case =
            |status, body: &str| refused(status, &HeaderMap::new(), body, SystemTime::UNIX_EPOCH);
        let login_required = case(
            401,
            r#"{"error":"login_required","error_description":"The refresh_token is invalid"}"#,
        );
        assert_eq!(
            (login_required.0, login_required.2),
            (Problem::Unauthorized, Next::Stop)
        );
        assert!(
            login_required.1.contains("tesla-observer login"),
            "{}",
            login_required.1
        );
        assert_eq!(
            case(400, r#"{"error":"invalid_client"}"#).0,
            Problem::Configuration
        );
        assert_eq!(case(400, "").0, Problem::Unauthorized);
        assert_eq!(case(403, "<html></html>").0, Problem::Blocked);
        assert_eq!(
            case(429, "Retry in 7 seconds").2,
            Next::After(Duration::from_secs(7))
        );
        assert_eq!(case(302, "").0, Problem::Blocked);
        assert_eq!(case(404, "").0, Problem::Configuration);
        assert_eq!(
            (case(408, "").0, case(408, "").2),
            (Problem::Server, case(503, "").2)
        );
        let redirect = case(
            400,
            r#"{"error":"invalid_request","error_description":"The 'redirect_uri' supplied is not registered for this 'client_id'"}"#,
        );
        assert_eq!(
            (redirect.0, redirect.2),
            (Problem::Configuration, Next::Stop)
        );
        assert!(redirect.1.contains("TESLA_REDIRECT_URI"), "{}", redirect.1);
        assert_eq!(case(503, "<html>").0, Problem::Server);
        assert_eq!(case(200, "{}").0, Problem::Unreadable);
    }

    proptest! {
        #[test]
        fn no_answer_panics_and_none_shows_a_token(
            status in 0_u16..1000,
            noise in ".{0,40}",
            middle in "[A-Za-z0-9_-]{20,300}",
        ) {
            let token = format!("eyJ{middle}");
            for body in [
                format!("{noise}{token}"),
                serde_json::json!({"error": format!("{noise} {token}"), "access_token": token}).to_string(),
                serde_json::json!({"error_description": token, "refresh_token": 7}).to_string(),
            ] {
                let refused = refused(status, &HeaderMap::new(), &body, SystemTime::UNIX_EPOCH);
                prop_assert!(!refused.1.contains(&middle), "{}", refused.1);
            }
        }
    }
}
