//! How an encoded request gets to an OTLP receiver. Everything comes from the settings: nothing is
//! read from the environment, so that no receiver is ever sent what is meant for another.

mod failure;
mod grpc;
mod http;
mod patience;
mod tls;

use std::time::Duration;

use prost::bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::encode::{Encoding, Signal};
use super::error::StartError;
use super::settings::{Otlp, Protocol};

pub(super) use failure::{Failure, Rejected};

/// A way to one receiver for one signal.
#[derive(Debug)]
pub(super) enum Transport {
    Http(http::Http),
    Grpc(grpc::Grpc),
}

impl Transport {
    /// Needs a tokio runtime.
    pub(super) fn new(signal: Signal, otlp: &Otlp) -> Result<Self, Vec<StartError>> {
        match otlp.protocol {
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                http::Http::new(signal, otlp).map(Transport::Http)
            }
            Protocol::Grpc => grpc::Grpc::new(signal, otlp).map(Transport::Grpc),
        }
    }

    /// How a request has to be encoded to be sent here.
    pub(super) fn encoding(&self) -> Encoding {
        match self {
            Transport::Http(http) => http.encoding(),
            // Compression is a part of gRPC's framing, and done there.
            Transport::Grpc(_) => Encoding {
                json: false,
                gzip: false,
            },
        }
    }

    /// One attempt. What the receiver took but did not accept is in `Ok`.
    pub(super) async fn send(&self, body: Bytes) -> Result<Option<Rejected>, Failure> {
        match self {
            Transport::Http(http) => http.send(body).await,
            Transport::Grpc(grpc) => grpc.send(body).await,
        }
    }
}

/// How long a connection may be silent during a request before it is asked whether it lives, and how
/// long it may take to answer. One that a router has forgotten would otherwise hold up all requests
/// until the system gives it up, a quarter of an hour later.
fn silence(otlp: &Otlp) -> Duration {
    (otlp.timeout / 3).min(Duration::from_secs(10))
}

/// What a destination is called in messages.
fn title(signal: Signal, otlp: &Otlp) -> String {
    format!("{} ({})", otlp.name, signal.as_str())
}

/// The endpoint without user, password and query, for messages.
pub(super) fn public_endpoint(otlp: &Otlp) -> String {
    let mut url = otlp.endpoint.clone();
    // Fails for URLs without a host only, which have no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

fn check_scheme(signal: Signal, otlp: &Otlp, errors: &mut Vec<StartError>) {
    if !matches!(otlp.endpoint.scheme(), "http" | "https") || otlp.endpoint.host().is_none() {
        errors.push(StartError::new(
            title(signal, otlp),
            format!(
                "the endpoint {} is no address of a receiver",
                public_endpoint(otlp)
            ),
            "write it as http://host:port or https://host:port",
        ));
    }
}

/// The headers of the settings, each marked so that nothing shows its value.
fn headers(signal: Signal, otlp: &Otlp, errors: &mut Vec<StartError>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &otlp.headers {
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            errors.push(StartError::new(
                title(signal, otlp),
                format!("{name:?} is no name of a header"),
                "use letters, digits and hyphens",
            ));
            continue;
        };
        match header_value(value) {
            Some(value) => {
                headers.append(header, value);
            }
            None => errors.push(StartError::new(
                title(signal, otlp),
                format!("the value of the header {name} has characters that no header can have"),
                "look for line breaks and letters beyond ASCII in it",
            )),
        }
    }
    headers
}

/// What no log shows, and what is overwritten when the last request that has it is dropped.
fn header_value(secret: &SecretString) -> Option<HeaderValue> {
    let text = Zeroizing::new(secret.expose_secret().to_owned());
    // Others are bytes without a meaning to receivers.
    if !text.is_ascii() {
        return None;
    }
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line_of_ascii_that_is_not_shown() {
        let value = header_value(&"a \t~secret".into()).expect("a header");
        assert_eq!(value.as_bytes(), b"a \t~secret");
        assert!(!format!("{value:?}").contains("secret"), "{value:?}");
        for text in ["a\nb", "a\0b", "\u{7f}", "ä"] {
            assert!(header_value(&text.into()).is_none(), "{text:?}");
        }
    }
}
