//! OTLP over HTTP, as protobuf or JSON.

use std::fmt;
use std::time::{Duration, SystemTime};

use prost::Message;
use prost::bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Certificate, Client, Identity, Response, StatusCode, Url, redirect};
use secrecy::zeroize::Zeroizing;
use url::Host;

use super::super::encode::{Encoding, Signal};
use super::super::error::StartError;
use super::super::settings::{Otlp, Protocol};
use super::failure::{Failure, Rejected, network_kind, one_line, root_cause};
use super::patience::{Status, retry_after};
use super::tls::Pem;
use super::{check_scheme, headers, silence, title};

/// An answer is a few bytes; more is not read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A receiver over HTTP.
pub(in super::super) struct Http {
    client: Client,
    url: Url,
    headers: HeaderMap,
    encoding: Encoding,
}

impl Http {
    pub(super) fn new(signal: Signal, otlp: &Otlp) -> Result<Self, Vec<StartError>> {
        let mut errors = Vec::new();
        let title = title(signal, otlp);
        check_scheme(signal, otlp, &mut errors);
        let encoding = Encoding {
            json: otlp.protocol == Protocol::HttpJson,
            gzip: otlp.compression.is_some(),
        };
        let mut headers = headers(signal, otlp, &mut errors);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static(if encoding.json {
                "application/json"
            } else {
                "application/x-protobuf"
            }),
        );
        if encoding.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let client = client(&title, otlp, &mut errors);
        match client {
            Some(client) if errors.is_empty() => Ok(Http {
                client,
                url: otlp.endpoint.clone(),
                headers,
                encoding,
            }),
            _ => Err(errors),
        }
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(super) async fn send(&self, body: Bytes) -> Result<Option<Rejected>, Failure> {
        let request = self.client.post(self.url.clone());
        let answer = request
            .headers(self.headers.clone())
            .body(body)
            .send()
            .await
            .map_err(|error| self.on_the_way(error))?;
        let status = answer.status();
        let after = retry_after(answer.headers(), SystemTime::now());
        let location = answer.headers().get(LOCATION).cloned();
        let kind = answer.headers().get(CONTENT_TYPE).cloned();
        let is = |start: &[u8]| {
            kind.as_ref()
                .is_some_and(|kind| kind.as_bytes().starts_with(start))
        };
        let body = match read(answer).await {
            Ok(body) => body,
            // It has been accepted; what else it says cannot be known.
            Err(_) if status.is_success() => return Ok(None),
            Err(_) => Bytes::new(),
        };
        if status.is_success() && is(b"text/html") {
            // A login page, or a web interface that answers to every path.
            return Err(Failure::last("protocol", "it answered with a web page"));
        }
        if status.is_success() {
            return Ok(rejected(is(b"application/json"), &body, &self.headers));
        }
        let said = match location {
            Some(location) if status.is_redirection() => {
                format!(
                    "redirects to {}",
                    String::from_utf8_lossy(location.as_bytes())
                )
            }
            _ if is(b"application/x-protobuf") => Status::decode(body).unwrap_or_default().message,
            _ => String::from_utf8_lossy(&body).into_owned(),
        };
        let reason = status.canonical_reason().unwrap_or("an unknown status");
        let detail = match one_line(&said, &self.headers) {
            said if said.is_empty() => format!("{} {reason}", status.as_str()),
            said => format!("{} {reason}: {said}", status.as_str()),
        };
        Err(Failure {
            kind: status.as_str().to_owned().into(),
            detail,
            // The statuses that OTLP's specification lets a client try again after.
            retry: matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            after,
        })
    }

    fn on_the_way(&self, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        if error.is_timeout() {
            return Failure::passing("timeout", "no answer in time");
        }
        if error.is_builder() {
            return Failure::last("request", one_line(&root_cause(&error), &self.headers));
        }
        let kind = if error.is_connect() {
            network_kind(&error)
        } else {
            match network_kind(&error) {
                // It was connected: what broke is the connection that there was.
                "connect" => "connection_lost",
                kind => kind,
            }
        };
        Failure::passing(kind, one_line(&root_cause(&error), &self.headers))
    }
}

fn client(title: &str, otlp: &Otlp, errors: &mut Vec<StartError>) -> Option<Client> {
    let pem = Pem::read(title, &otlp.tls, errors);
    let mut builder = Client::builder()
        // A redirect would carry the credentials to another place.
        .redirect(redirect::Policy::none())
        // Answers are a few bytes.
        .no_gzip()
        .timeout(otlp.timeout)
        .connect_timeout(otlp.timeout)
        .http2_keep_alive_interval(silence(otlp))
        .http2_keep_alive_timeout(silence(otlp))
        .pool_idle_timeout(Duration::from_secs(90));
    if is_here(&otlp.endpoint) {
        // A proxy would look for it on its own machine, and see the credentials.
        builder = builder.no_proxy();
    }
    if let Some(ca) = pem.ca {
        match Certificate::from_pem_bundle(&ca) {
            Ok(certificates) if !certificates.is_empty() => {
                builder = builder.tls_certs_only(certificates);
            }
            _ => errors.push(StartError::new(
                title,
                "the CA's file has no certificate in PEM form",
                "it should have -----BEGIN CERTIFICATE----- in it",
            )),
        }
    }
    if let Some((certificate, key)) = pem.client {
        let both = Zeroizing::new([certificate.as_slice(), b"\n", &key].concat());
        match Identity::from_pem(&both) {
            Ok(identity) => builder = builder.identity(identity),
            Err(_) => errors.push(StartError::new(
                title,
                "the client's certificate and key cannot be read",
                "both should be in PEM form, the key without a password",
            )),
        }
    }
    match builder.build() {
        Ok(client) => Some(client),
        Err(error) => {
            errors.push(StartError::new(
                title,
                format!("making an HTTP client: {}", root_cause(&error)),
                "check the certificates, and that the system has root certificates",
            ));
            None
        }
    }
}

/// Whether the receiver is on this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The answer's body, but no more than [`LONGEST_ANSWER`].
async fn read(mut answer: Response) -> Result<Bytes, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await? {
        let room = LONGEST_ANSWER - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == LONGEST_ANSWER {
            break;
        }
    }
    Ok(body.freeze())
}

/// The partial success of an answer, which has the same form for all three signals.
fn rejected(json: bool, body: &Bytes, headers: &HeaderMap) -> Option<Rejected> {
    let (items, reason) = if json {
        let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
        let partial = answer.get("partialSuccess")?.as_object()?;
        let items = partial
            .iter()
            .find(|(key, _)| key.starts_with("rejected"))
            .and_then(|(_, value)| match value {
                // 64-bit integers are texts in protobuf's JSON.
                serde_json::Value::String(text) => text.parse().ok(),
                value => value.as_i64(),
            });
        let reason = partial.get("errorMessage").and_then(|own| own.as_str());
        (items.unwrap_or(0), reason.unwrap_or_default().to_owned())
    } else {
        let partial = super::grpc::Answer::decode(body.clone()).ok()?.partial?;
        (partial.rejected, partial.message)
    };
    (items > 0 || !reason.is_empty()).then(|| Rejected {
        items,
        reason: one_line(&reason, headers),
    })
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}
