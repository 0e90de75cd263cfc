//! GreptimeDB's own variables.

use std::collections::BTreeMap;
use std::net::Ipv6Addr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::reader::{Reader, number, one_of};
use crate::telemetry::{Compression, Otlp, Protocol, TemporalityPreference, TlsFiles};

/// GreptimeDB's OTLP endpoint, its database, its user, and the header that keeps the table names as
/// they are, without a suffix for the unit (GreptimeDB's documentation, 'OpenTelemetry').
pub(super) fn read(
    reader: &mut Reader<'_>,
    timeout: Duration,
    compression: Option<Compression>,
    tls: &TlsFiles,
) -> Option<Otlp> {
    let host = reader.text("greptime-host");
    let scheme = reader.read(
        "greptime-scheme",
        one_of(&[("http", "http"), ("https", "https")]),
    );
    let port = reader.read("greptime-port", number(1, u16::MAX));
    let database = reader.text("greptime-db");
    let user = reader.text("greptime-username");
    let password = reader.secret("greptime-password");
    let Some(host) = host else {
        for name in ["greptime-port", "greptime-username"] {
            if reader.is_said(name) {
                reader.wrong(
                    name,
                    "has no effect without GREPTIME_HOST: say which host, too",
                );
            }
        }
        return None;
    };
    let (scheme, database) = (scheme?, database?);
    let port = port.unwrap_or(match scheme {
        "https" => 443,
        _ => 4000,
    });
    let bracketed = match host.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => host.clone(),
    };
    let text = format!("{scheme}://{bracketed}:{port}/v1/otlp/v1/metrics");
    // Whoever writes a URL here means its host.
    let Some(endpoint) = Url::parse(&text)
        .ok()
        .filter(|_| !host.contains(['/', '@', '?', '#']))
    else {
        reader.wrong(
            "greptime-host",
            format!("is {host:?}: write a host name or an address, without scheme, port or path"),
        );
        return None;
    };
    if HeaderValue::from_str(&database).is_err() {
        reader.wrong("greptime-db", "is no name of a database");
        return None;
    }
    let mut headers: BTreeMap<&str, SecretString> = BTreeMap::from([
        ("x-greptime-db-name", database.into()),
        (
            "x-greptime-otlp-metric-translation-strategy",
            "UnderscoreEscapingWithoutSuffixes".to_owned().into(),
        ),
    ]);
    match (user, password) {
        (Some(user), password) => {
            let password = password.unwrap_or_default();
            // In pieces of their final size: none is moved while it is made.
            let pair = Zeroizing::new([user.as_str(), ":", password.expose_secret()].concat());
            let encoded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
            let value = ["Basic ", encoded.as_str()].concat();
            headers.insert("authorization", value.into());
        }
        (None, Some(_)) => {
            reader.wrong(
                "greptime-username",
                "is not set, but a password is: set both, or neither",
            );
            return None;
        }
        (None, None) => {}
    }
    Some(Otlp {
        name: "greptimedb".to_owned(),
        protocol: Protocol::HttpProtobuf,
        endpoint,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        timeout,
        compression,
        tls: tls.clone(),
        temporality: TemporalityPreference::Cumulative,
    })
}
