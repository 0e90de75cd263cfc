//! Why a request was not delivered, in words for the owner.

use std::borrow::Cow;
use std::error::Error;
use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderMap;
use secrecy::zeroize::Zeroizing;

use crate::privacy::{without_mails, without_secret};

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Failure {
    /// A value of the attribute `error.type`: a status, or a word.
    pub(in super::super) kind: Cow<'static, str>,
    /// What the receiver or the network said.
    pub(in super::super) detail: String,
    /// Whether the same request may be accepted later.
    pub(in super::super) retry: bool,
    /// What the receiver asks for.
    pub(in super::super) after: Option<Duration>,
}

impl Failure {
    pub(super) fn last(kind: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Failure {
            kind: kind.into(),
            detail: detail.into(),
            retry: false,
            after: None,
        }
    }

    pub(super) fn passing(kind: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Failure {
            retry: true,
            ..Self::last(kind, detail)
        }
    }

    /// Whether it was the receiver, or what stands before it, that said no to this very request: not
    /// the network, and not a limit of how much is sent.
    pub(in super::super) fn is_refusal(&self) -> bool {
        !matches!(
            &*self.kind,
            "429"
                | "resource_exhausted"
                | "deadline_exceeded"
                | "timeout"
                | "connect"
                | "connection_lost"
                | "dns"
                | "tls"
                | "protocol"
                | "request"
        )
    }

    /// Whether it says nothing of this very request: where it was sent, somebody is not there, is not
    /// well or wants to know who asks, and what answers may not even be the receiver. OTLP's
    /// specification allows no other attempt after most of these; where a receiver has taken requests
    /// before, they are kept for it all the same.
    pub(in super::super) fn is_of_the_place(&self) -> bool {
        match self.kind.parse::<u16>() {
            Ok(status) => matches!(
                status,
                300..=399 | 401 | 403 | 404 | 405 | 407 | 408 | 421 | 500..=599
            ),
            Err(_) => matches!(
                &*self.kind,
                "protocol"
                    | "unauthenticated"
                    | "permission_denied"
                    | "not_found"
                    | "unimplemented"
                    | "unknown"
                    | "internal"
            ),
        }
    }

    /// What to do about it.
    pub(in super::super) fn advice(&self) -> &'static str {
        match &*self.kind {
            "401" | "403" | "unauthenticated" | "permission_denied" => {
                "check its user and password, or the token in its headers"
            }
            "404" | "405" | "unimplemented" => {
                "check the path of its endpoint and that it takes this signal"
            }
            "400" | "415" | "422" | "invalid_argument" => {
                "check that its endpoint takes OTLP in this protocol, and its database"
            }
            "413" => "raise its limit of a request's size",
            "429" | "resource_exhausted" => "it limits how much is sent: see its own log",
            "301" | "302" | "303" | "307" | "308" => "set its endpoint to where it redirects",
            "connect" => "check that it is running and can be reached at this address",
            "dns" => "check the host's name",
            "tls" => "check its certificate, the CA file, and whether it is https at all",
            "timeout" | "deadline_exceeded" => {
                "it is slow or hangs: check it, or raise the timeout"
            }
            "protocol" => "check that its endpoint, with its path, speaks OTLP in this protocol",
            _ => "see its own log",
        }
    }
}

/// What a receiver took but did not accept: OTLP's partial success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Rejected {
    /// Points, spans or log records; 0 if it is a warning only.
    pub(in super::super) items: i64,
    /// Why.
    pub(in super::super) reason: String,
}

/// The word for an error on the way, from what caused it.
pub(super) fn network_kind(error: &(dyn Error + 'static)) -> &'static str {
    let mut source = Some(error);
    while let Some(error) = source {
        let text = error.to_string();
        if text.contains("dns error") || text.contains("failed to lookup address") {
            return "dns";
        }
        // A connection that does not say in time that it lives, too.
        if text.contains("timed out") {
            return "timeout";
        }
        if text.contains("certificate") || text.contains("corrupt message") {
            return "tls";
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::TimedOut => return "timeout",
                io::ErrorKind::ConnectionRefused
                | io::ErrorKind::HostUnreachable
                | io::ErrorKind::NetworkUnreachable
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::AddrNotAvailable => return "connect",
                _ => {}
            }
        }
        source = error.source();
    }
    "connect"
}

/// The innermost cause: the outer ones only say that sending failed.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// The password of `Basic …`.
fn password(value: &str) -> Option<Zeroizing<String>> {
    let pair = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let pair = Zeroizing::new(String::from_utf8(pair).ok()?);
    let (_, password) = pair.split_once(':')?;
    Some(Zeroizing::new(password.to_owned()))
}

/// A text of a receiver, fit for one line of a log: short, printable, and without the secrets that
/// it may repeat.
pub(super) fn one_line(text: &str, headers: &HeaderMap) -> String {
    const LONGEST: usize = 200;
    let mut text = text.to_owned();
    for value in headers.values().filter_map(|value| value.to_str().ok()) {
        // `Basic …`, `Bearer …`: the credentials alone may be repeated, too.
        let credentials = value.rsplit(' ').next().unwrap_or(value);
        let password = password(value);
        let password = password.as_deref().map(String::as_str);
        for secret in [Some(value), Some(credentials), password]
            .into_iter()
            .flatten()
        {
            if secret.len() >= 4
                && let Some(shown) = without_secret(&text, secret, "…")
            {
                text = shown;
            }
        }
    }
    let printable = text.replace(char::is_control, " ");
    let words = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().nth(LONGEST).is_none() {
        return words;
    }
    // Before it is cut: half an address is not known to be one where it is looked for.
    let words = without_mails(&words).unwrap_or(words);
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_receiver_says_is_one_short_line_without_the_secrets_it_repeats() {
        let mut headers = HeaderMap::new();
        let value = "Basic c2VjcmV0".parse().expect("a header's value");
        headers.insert("authorization", value);
        let said = format!("no:\n\u{7} c2VjcmV0 is wrong {}", "x".repeat(300));
        let line = one_line(&said, &headers);
        assert!(line.starts_with("no: … is wrong xxx"), "{line}");
        assert_eq!(line.chars().count(), 201);
    }

    #[test]
    fn no_spelling_of_a_secret_that_a_receiver_repeats_stays() {
        let mut headers = HeaderMap::new();
        // greptime:a&b<c/d
        for (name, value) in [
            ("authorization", "Basic Z3JlcHRpbWU6YSZiPGMvZA=="),
            ("x-key", "key&<0123>"),
        ] {
            headers.insert(name, value.parse().expect("a header's value"));
        }
        for (said, line) in [
            (
                r#"{"error":"wrong key\u0026\u003c0123\u003e"}"#,
                r#"{"error":"wrong …"}"#,
            ),
            ("wrong: key%26%3C0123%3E", "wrong: …"),
            ("wrong: Z3JlcHRpbWU6YSZiPGMvZA%3d%3d", "wrong: …"),
            ("greptime with a&amp;b&lt;c/d", "greptime with …"),
        ] {
            assert_eq!(one_line(said, &headers), line);
        }
    }

    #[test]
    fn an_address_is_not_cut_in_two() {
        let said = format!("{}someone@example.com was here", "x ".repeat(95));
        let line = one_line(&said, &HeaderMap::new());
        assert!(line.contains("x [e-mail] w"), "{line}");
    }
}
