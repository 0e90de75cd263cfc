//! Who may read, and what browsers are told not to do.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use cookie::{Cookie, SameSite};
use maud::{DOCTYPE, Markup, html};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use super::settings::Settings;

/// The cookie of whoever has presented the token.
const COOKIE: &str = "tesla_observer";
/// How long whoever changes something may take to say what, and to be answered.
const SAYING: Duration = Duration::from_secs(15);
/// How long a wrong token is thought about, one after the other.
const WRONG: Duration = Duration::from_secs(1);
/// How many may wait for that.
const WAITING: usize = 8;

/// Nothing from elsewhere, nothing that was not in the binary, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Who may read.
#[derive(Clone)]
pub(super) struct Guard(Arc<Inner>);

struct Inner {
    /// Whether only this machine can reach it.
    local: bool,
    token: Option<SecretString>,
    /// Known to this process only: what is in the cookie is of no use to another one.
    key: [u8; 32],
    /// Wrong tokens wait for each other.
    wrong: Mutex<()>,
    waiting: Arc<Semaphore>,
}

impl Guard {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut key = [0; 32];
        // Without randomness there is no cookie that could be guessed: none is accepted.
        let random = getrandom::fill(&mut key).is_ok();
        let token = settings.token.clone().filter(|_| random);
        Self(Arc::new(Inner {
            local: settings.address.ip().is_loopback(),
            // Rather nobody than everybody.
            token: settings.token.is_some().then(|| token.unwrap_or_default()),
            key,
            wrong: Mutex::new(()),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }))
    }

    fn digest(&self, text: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0.key);
        hash.update(text.as_bytes());
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Compares digests with a key that nobody knows: how long it takes tells nothing.
    fn is_the_token(&self, presented: &str) -> bool {
        match &self.0.token {
            None => true,
            Some(token) => {
                let own = token.expose_secret();
                !own.is_empty() && self.digest(presented) == self.digest(own)
            }
        }
    }

    /// What the cookie of whoever has presented the token is.
    fn pass(&self) -> String {
        let token = self.0.token.as_ref().map(|token| token.expose_secret());
        self.digest(&format!("pass {}", self.digest(token.unwrap_or_default())))
    }

    /// Whether the cookie is that of somebody who has presented the token.
    fn has_passed(&self, headers: &HeaderMap) -> bool {
        let token = self.0.token.as_ref();
        let is_set = token.is_none_or(|token| !token.expose_secret().is_empty());
        let pass = cookie(headers, COOKIE);
        is_set && pass.is_some_and(|own| self.digest(&own) == self.digest(&self.pass()))
    }

    /// Compares a token that somebody presents; a wrong one only after a while, one after the other,
    /// and none at all, right or wrong, while many are being thought about: so that not many can be
    /// tried.
    ///
    /// # Errors
    ///
    /// The status for whoever must wait, or was wrong.
    async fn present(&self, presented: &str) -> Result<(), StatusCode> {
        let Ok(waiting) = Arc::clone(&self.0.waiting).try_acquire_owned() else {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        };
        if self.is_the_token(presented) {
            return Ok(());
        }
        // In a task of its own: whoever hangs up does not get on faster.
        let guard = self.clone();
        let thinking = tokio::spawn(async move {
            let _turn = guard.0.wrong.lock().await;
            tokio::time::sleep(WRONG).await;
            drop(waiting);
        });
        let _ = thinking.await;
        Err(StatusCode::UNAUTHORIZED)
    }
}

/// A cookie's value.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|own| own.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|own| own.name() == name)
        .map(|own| own.value().to_owned())
}

/// The login, which needs no token.
pub(super) fn router(guard: Guard) -> Router {
    Router::new()
        .route("/login", get(ask).post(login))
        .with_state(guard)
}

async fn ask(State(guard): State<Guard>) -> Response {
    match guard.0.token {
        Some(_) => form(None).into_response(),
        None => Redirect::to("/").into_response(),
    }
}

#[derive(Deserialize)]
struct Presented {
    #[serde(default)]
    token: String,
}

async fn login(State(guard): State<Guard>, Form(presented): Form<Presented>) -> Response {
    match guard.present(presented.token.trim()).await {
        Ok(()) => {
            let cookie = Cookie::build((COOKIE, guard.pass()))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Strict)
                .build();
            (
                [(header::SET_COOKIE, cookie.to_string())],
                Redirect::to("/"),
            )
                .into_response()
        }
        Err(status @ StatusCode::TOO_MANY_REQUESTS) => {
            (status, form(Some("Too many wrong tokens: wait a little."))).into_response()
        }
        Err(status) => (status, form(Some("That is not the token."))).into_response(),
    }
}

fn form(problem: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Tesla observer" }
                link rel="stylesheet" href="/assets/style.css";
            }
            body {
                main {
                    h1 { "Tesla observer" }
                    @if let Some(problem) = problem {
                        p.failure role="alert" { (problem) }
                    }
                    form method="post" action="/login" {
                        label for="token" { "Token (--page-token-file)" }
                        input #token name="token" type="password" autocomplete="current-password"
                            required autofocus;
                        button { "Open" }
                    }
                }
            }
        }
    }
}

/// Lets in who may read.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if guard.0.local && !names_this_machine(headers) {
        // A page elsewhere whose name was made to mean this machine would otherwise read all.
        let problem = "this listener is asked by its address: http://127.0.0.1 or http://localhost";
        return (StatusCode::MISDIRECTED_REQUEST, problem).into_response();
    }
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    if changes && !is_same_origin(headers) {
        let problem = "another site has no business here";
        return (StatusCode::FORBIDDEN, problem).into_response();
    }
    if !changes {
        return read(guard, request, next).await;
    }
    // A form that never comes would hold its connection, also without a token.
    match timeout(SAYING, read(guard, request, next)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "that took too long").into_response(),
    }
}

/// Lets in who has the token, if there is one.
async fn read(guard: Guard, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let path = request.uri().path();
    let open = ["/login", "/assets/style.css", "/healthz"].contains(&path);
    if guard.0.token.is_none() || open || guard.has_passed(headers) {
        return next.run(request).await;
    }
    let text = |name: &HeaderName| headers.get(name).and_then(|own| own.to_str().ok());
    let wants_page = text(&header::ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    let bearer = text(&header::AUTHORIZATION).and_then(|own| own.strip_prefix("Bearer "));
    let status = match bearer.map(|token| token.trim().to_owned()) {
        Some(token) => match guard.present(&token).await {
            Ok(()) => return next.run(request).await,
            Err(status) => status,
        },
        None if wants_page => return Redirect::to("/login").into_response(),
        None => StatusCode::UNAUTHORIZED,
    };
    let how = [(header::WWW_AUTHENTICATE, "Bearer")];
    (status, how, "present the token: Authorization: Bearer …").into_response()
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let Some(host) = host else {
        return false;
    };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|own| own.is_loopback())
}

/// Whether a request comes from a page of this listener, or from no page at all.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|own| own.to_str().ok());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin" || site == "none";
    }
    match (text(&header::ORIGIN), text(&header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, own)| own == host),
        (Some(_), None) => false,
    }
}

/// What browsers are told with each answer.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
