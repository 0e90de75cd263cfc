//! One request over HTTP: with a limit on everything, a span, and somebody told of it.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::global;
use opentelemetry::propagation::Injector;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Url, Version, redirect, tls};
use secrecy::SecretString;
use tracing::{Instrument, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::large::{Body, Large};
use super::prices::{class_of, is_billed, price_of};
use super::region::is_loopback;
use super::settings::Settings;
use super::wait;
use crate::budget::{Governor, Permit, Refusal, Refused};
use crate::fetch::{FetchError, Next, OnRequest, Problem, RequestDone};

const CONNECTING: Duration = Duration::from_secs(10);
/// How long a connection may be silent during a request before it is asked whether it lives, and how
/// long it may take to answer.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);

/// Asks one host's API, or its auth.
pub(super) struct Http {
    client: Client,
    timeout: Duration,
    on_request: Option<OnRequest>,
    governor: Arc<Governor>,
    large: Large,
}

/// What is asked.
pub(super) struct Question<'a> {
    /// What is being done, for errors.
    pub(super) doing: &'a str,
    pub(super) method: &'static str,
    pub(super) url: Url,
    /// The path without ids.
    pub(super) route: &'static str,
    pub(super) bearer: Option<&'a SecretString>,
    pub(super) form: Option<&'a [(&'a str, &'a str)]>,
}

/// An answer, whatever its status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// Why there is no answer.
pub(super) struct Failure {
    /// The word for telemetry.
    pub(super) error: &'static str,
    pub(super) problem: Problem,
    pub(super) detail: String,
    /// Whether the service may have seen the request.
    pub(super) sent: bool,
}

impl Http {
    /// For the API at `base`: HTTP/2 where it is offered.
    pub(super) fn for_api(settings: &Settings, base: Option<&Url>) -> Result<Self, FetchError> {
        Self::new(settings, base.is_some_and(is_loopback), |builder| builder)
    }

    /// For the auth host: HTTP/2 and TLS 1.3 only. The Owner API refuses tokens that were given
    /// over HTTP/1.1 since 2026-06-12, so there must be no quiet way back to it.
    pub(super) fn for_auth(settings: &Settings, base: &Url) -> Result<Self, FetchError> {
        Self::new(settings, is_loopback(base), |builder| {
            builder
                .http2_prior_knowledge()
                .tls_version_min(tls::Version::TLS_1_3)
        })
    }

    fn new(
        settings: &Settings,
        loopback: bool,
        more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<Self, FetchError> {
        let silence = (settings.timeout / 3).min(LONGEST_SILENCE);
        let mut builder = Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(CONNECTING.min(settings.timeout))
            .redirect(redirect::Policy::none())
            .referer(false)
            .gzip(true)
            // A connection that a router has forgotten would hold up all requests until the system
            // gives it up, a quarter of an hour later.
            .http2_keep_alive_interval(silence)
            .http2_keep_alive_timeout(silence)
            .pool_max_idle_per_host(4);
        if loopback {
            builder = builder.no_proxy();
        }
        let client = more(builder).build().map_err(|error| FetchError {
            doing: "preparing HTTPS".to_owned(),
            problem: Problem::Local,
            detail: format!(
                "{}; are this machine's CA certificates installed?",
                causes(error)
            ),
            next: Next::Stop,
        })?;
        Ok(Self {
            client,
            timeout: settings.timeout,
            on_request: settings.on_request.clone(),
            governor: Arc::clone(&settings.governor),
            large: Large::default(),
        })
    }

    /// Asks. Fails only if it must not be asked, or if no whole answer came; what the answer means is
    /// for others to say.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Answer, FetchError> {
        let host = question.url.host_str().unwrap_or_default().to_owned();
        let port = question.url.port_or_known_default();
        let mut request = self.request(&question)?;
        let class = class_of(question.route);
        let permit = self.governor.permit(class, price_of(class)).await;
        let permit = permit.map_err(|refused| not_asked(question.doing, refused))?;
        let span = span_of(&question, &host);
        request = request.headers(trace_context(&span));
        let started = Instant::now();
        let outcome = tokio::time::timeout(self.timeout, exchange(request, &self.large))
            .instrument(span.clone())
            .await
            .unwrap_or_else(|_| Err(self.too_late()));
        let status = match &outcome {
            Ok((answer, version)) => {
                span.record("network.protocol.version", version);
                record_status(&span, answer.status);
                Some(answer.status)
            }
            Err((failure, status)) => {
                if let Some(status) = status {
                    span.record("http.response.status_code", i64::from(*status));
                }
                span.record("error.type", failure.error);
                span.record("otel.status_code", "ERROR");
                *status
            }
        };
        settle(permit, &outcome);
        if let Ok((answer, _)) = &outcome
            && let Some(wait) = wait::used_up(&answer.headers, SystemTime::now())
        {
            self.governor.be_quiet(class, wait);
        }
        if let Some(on_request) = &self.on_request {
            on_request(&RequestDone {
                method: question.method,
                route: question.route,
                host: host.clone(),
                port,
                status,
                error: outcome.as_ref().err().map(|(failure, _)| failure.error),
                duration: started.elapsed(),
            });
        }
        match outcome {
            Ok((answer, _)) => Ok(answer),
            Err((failure, _)) => Err(FetchError {
                doing: question.doing.to_owned(),
                problem: failure.problem,
                detail: format!("{host}: {}", failure.detail),
                next: Next::After(wait::after_failures(0)),
            }),
        }
    }

    fn request(&self, question: &Question<'_>) -> Result<RequestBuilder, FetchError> {
        let mut request = match question.form {
            Some(form) => self
                .client
                .post(question.url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(super::secret::form(form)),
            None => self.client.get(question.url.clone()),
        };
        if let Some(token) = question.bearer {
            let value = super::secret::bearer(token).map_err(|_| FetchError {
                doing: question.doing.to_owned(),
                problem: Problem::Configuration,
                detail: "the token has characters that no token has: set it again, without line breaks and quotes".to_owned(),
                next: Next::Stop,
            })?;
            request = request.header(reqwest::header::AUTHORIZATION, value);
        }
        Ok(request.header(reqwest::header::ACCEPT, "application/json"))
    }

    fn too_late(&self) -> (Failure, Option<u16>) {
        let failure = Failure {
            error: "timeout",
            problem: Problem::Timeout,
            detail: format!("no whole answer within {:?}", self.timeout),
            sent: true,
        };
        (failure, None)
    }
}

/// Sends and reads all of the body.
async fn exchange(
    request: RequestBuilder,
    large: &Large,
) -> Result<(Answer, &'static str), (Failure, Option<u16>)> {
    let mut response = request
        .send()
        .await
        .map_err(|error| (failure_of(error), None))?;
    let status = response.status().as_u16();
    let version = match response.version() {
        Version::HTTP_2 => "2",
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    let headers = std::mem::take(response.headers_mut());
    let body = large
        .read(response)
        .await
        .map_err(|failure| (failure, Some(status)))?;
    Ok((
        Answer {
            status,
            headers,
            body,
        },
        version,
    ))
}

/// A request that was not sent.
fn not_asked(doing: &str, refused: Refused) -> FetchError {
    FetchError {
        doing: doing.to_owned(),
        problem: match refused.why {
            Refusal::Spent => Problem::Budget,
            Refusal::Quiet => Problem::Held,
            Refusal::Ledger => Problem::Local,
        },
        detail: refused.detail,
        next: Next::After(refused.wait),
    }
}

/// Tells what became of a request.
fn settle(permit: Permit, outcome: &Result<(Answer, &'static str), (Failure, Option<u16>)>) {
    match outcome {
        Ok((answer, _)) => permit.answered(is_billed(answer.status), answer.status < 500),
        Err((_, Some(status))) => permit.answered(is_billed(*status), false),
        Err((failure, None)) => permit.unanswered(failure.sent),
    }
}

pub(super) fn failure_of(error: reqwest::Error) -> Failure {
    let sent = !error.is_connect() && !error.is_builder();
    let (word, problem, what) = if error.is_timeout() {
        ("timeout", Problem::Timeout, "no connection in time")
    } else if error.is_connect() && is_tls(&error) {
        (
            "tls",
            Problem::Unreachable,
            "no secure connection; check this machine's clock and CA certificates, and whether a proxy is in between",
        )
    } else if error.is_connect() && says(&error, &["dns error"]) {
        (
            "dns",
            Problem::Unreachable,
            "the host's name leads nowhere; check the name, and whether this machine has a network",
        )
    } else if error.is_connect() {
        (
            "connect",
            Problem::Unreachable,
            "no connection; check the network, the host's name and the proxy",
        )
    } else if says(
        &error,
        &[
            "invalid HTTP",
            "message head is too large",
            "invalid content-length",
        ],
    ) {
        (
            "protocol",
            Problem::Unreadable,
            "what came is not HTTP, or has far too many headers",
        )
    } else if error.is_body() || error.is_decode() {
        (
            "body",
            Problem::Unreadable,
            "the answer was cut off or is damaged",
        )
    } else if error.is_builder() {
        (
            "request",
            Problem::Configuration,
            "the request could not be made",
        )
    } else {
        (
            "connect",
            Problem::Unreachable,
            "the connection broke before an answer came",
        )
    };
    Failure {
        error: word,
        problem,
        detail: format!("{what} ({})", causes(error)),
        sent,
    }
}

/// What the error is caused by, without the URL.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    super::words::quote(&text)
}

/// Whether the handshake failed: the library has no type of its own for it.
fn is_tls(error: &reqwest::Error) -> bool {
    const WORDS: [&str; 6] = [
        "certificate",
        // What is not TLS at all looks so.
        "corrupt message",
        "TLS",
        "handshake",
        "HandshakeFailure",
        "ProtocolVersion",
    ];
    says(error, &WORDS)
}

/// Whether one of its causes has one of these words.
fn says(error: &reqwest::Error, words: &[&str]) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if words.iter().any(|word| text.contains(word)) {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The span, after OpenTelemetry's conventions for HTTP clients. The path is the route, which has
/// no ids.
fn span_of(question: &Question<'_>, host: &str) -> Span {
    tracing::info_span!(
        "http",
        otel.name = question.method,
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = question.method,
        http.response.status_code = field::Empty,
        server.address = host,
        // Signed: the bridge to OpenTelemetry makes texts of unsigned numbers.
        server.port = question.url.port_or_known_default().map(i64::from),
        url.scheme = question.url.scheme(),
        url.path = question.route,
        url.template = question.route,
        network.protocol.version = field::Empty,
        error.type = field::Empty,
    )
}

fn record_status(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 400 {
        span.record("error.type", field::display(status));
        span.record("otel.status_code", "ERROR");
    }
}

/// The span's W3C context as headers. Baggage is for one's own services, not for others'.
fn trace_context(span: &Span) -> HeaderMap {
    struct Headers(HeaderMap);
    impl Injector for Headers {
        fn set(&mut self, key: &str, value: String) {
            if key.eq_ignore_ascii_case("baggage") {
                return;
            }
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value))
            {
                self.0.insert(name, value);
            }
        }
    }
    let mut headers = Headers(HeaderMap::new());
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&span.context(), &mut headers);
    });
    headers.0
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
