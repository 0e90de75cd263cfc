//! What an error's body says.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::fields::{fields, text};
use super::words::quote;

/// More than any error has. Of a longer body, the rest is not looked at for words.
const LONGEST: usize = 64 * 1024;
/// More than an error has that is not written as Tesla's are. Longer ones are not repeated.
const LONGEST_OTHER: usize = 4 * 1024;

/// What a body says: its `error` and `error_description`, or itself (its beginning, if it is far too
/// long) if it is no JSON.
pub(super) fn message(body: &str) -> String {
    let body = start(without_mark(body));
    says(body).unwrap_or_else(|| body.to_owned())
}

/// What it says as JSON.
fn says(body: &str) -> Option<String> {
    if body.trim_start().starts_with('"') {
        return serde_json::from_str(body).ok();
    }
    let Some(found) = fields(body, ["error", "error_description", "message"]) else {
        return serde_json::from_str::<IgnoredAny>(body)
            .is_ok()
            .then(String::new);
    };
    let mut parts = Vec::new();
    for raw in found.into_iter().flatten() {
        let part = words(raw)?;
        match part.trim() {
            "" => {}
            part => parts.push(part.to_owned()),
        }
    }
    Some(parts.join(": "))
}

/// What one of these fields says; `None` if it is damaged.
fn words(raw: &RawValue) -> Option<String> {
    if raw.get().starts_with('"') {
        let words: String = serde_json::from_str(raw.get()).ok()?;
        // Some errors are JSON in a string: {"error":"{\"error\": \"timeout\"}"}.
        let inner = fields(&words, ["error"]).and_then(|[error]| text(error?));
        return Some(inner.unwrap_or(words));
    }
    if let Some(words) = within(raw) {
        return Some(words);
    }
    if raw.get().len() > LONGEST_OTHER {
        return Some(String::new());
    }
    // Not as it is written: a VIN is not known where it is escaped.
    let other: serde_json::Value = serde_json::from_str(raw.get()).ok()?;
    Some(other.to_string())
}

/// What an error says that is an object, as gateways write it.
fn within(error: &RawValue) -> Option<String> {
    let keys = ["code", "status", "error", "message", "error_description"];
    let found = fields(error.get(), keys)?.into_iter().flatten();
    let words: Vec<String> = found
        .filter_map(|raw| match raw.get().as_bytes().first()? {
            b'"' => text(raw),
            b'-' | b'0'..=b'9' => Some(raw.get().to_owned()),
            _ => None,
        })
        .collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// As much of a body as an error has.
fn start(body: &str) -> &str {
    let mut end = body.len().min(LONGEST);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    &body[..end]
}

/// Without the byte order mark, which is no part of a text.
fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// `: "what it said"`, or nothing.
pub(super) fn said(text: &str) -> String {
    match quote(text) {
        words if words.is_empty() => String::new(),
        _ if is_html(text) => " (an HTML page)".to_owned(),
        // It may say whose the car is and where, and can be in a log for long.
        _ if has_json(text) => " (JSON, which is not repeated)".to_owned(),
        words => format!(" (\"{words}\")"),
    }
}

/// Whether it is JSON that is cut off or damaged, or stands among something else.
pub(super) fn is_damaged_json(body: &str) -> bool {
    let text = without_mark(body).trim();
    (text.starts_with(['{', '[']) || text.ends_with(['}', ']']) || has_json(start(text)))
        && serde_json::from_str::<IgnoredAny>(text).is_err()
}

/// Whether JSON is in it, whole or not: `{"`, or `":` with a value after it. `Get "https://…": EOF`,
/// as Go has it, is none.
fn has_json(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\\')
        .collect();
    bare.contains("{\"")
        || bare.match_indices("\":").any(|(at, key)| {
            let value = &bare[at + key.len()..];
            let is = |word: &str| value.starts_with(word) || word.starts_with(value);
            value.starts_with(|c: char| c.is_ascii_digit() || "-\"{[".contains(c))
                || ["true", "false", "null"].into_iter().any(is)
        })
}

/// Whether the `response` of an answer names another car than that with this VIN. What is no VIN
/// (none, or one that a gateway has made unreadable) names no other.
pub(super) fn is_of_another(response: &str, vin: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Named<'a> {
        #[serde(borrow, default)]
        vin: Option<Cow<'a, str>>,
    }
    serde_json::from_str::<Named<'_>>(response)
        .ok()
        .and_then(|named| named.vin)
        .is_some_and(|named| is_vin(&named) && !named.eq_ignore_ascii_case(vin))
}

/// Whether it has the form that ISO 3779 gives a VIN.
fn is_vin(text: &str) -> bool {
    text.len() == 17 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether it is a page for people.
pub(super) fn is_html(text: &str) -> bool {
    let text = without_mark(text).trim_start();
    let start = text.get(..15).unwrap_or(text).to_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_what_its_error_says_or_itself() {
        for (body, says) in [
            (
                r#"{"response":null,"error":"not_found","error_description":""}"#,
                "not_found",
            ),
            (
                r#"{"error":"invalid","error_description":"no such"}"#,
                "invalid: no such",
            ),
            (r#"{"error":"{\"error\": \"timeout\"}"}"#, "timeout"),
            (r#"{"error":{"code":7,"message":"denied"}}"#, "7: denied"),
            (r#"{"error":{"reason":7}}"#, r#"{"reason":7}"#),
            ("\u{feff}{\"error\":\"marked\"}", "marked"),
            (r#"{"message":"hello"}"#, "hello"),
            (r#""just a text""#, "just a text"),
            ("{}", ""),
            ("Retry in 5 seconds\n", "Retry in 5 seconds\n"),
        ] {
            assert_eq!(message(body), says, "{body}");
        }
    }

    #[test]
    fn of_a_body_that_is_far_too_long_only_the_beginning_is_looked_at() {
        let tiny = format!(r#"{{"error":[{}0]}}"#, r#"{"":0},"#.repeat(LONGEST));
        assert_eq!(message(&tiny).len(), LONGEST);
        assert_eq!(said(&message(&tiny)), " (JSON, which is not repeated)");
        let shorter = format!(
            r#"{{"error":[{}0],"message":"m"}}"#,
            r#"{"":0},"#.repeat(1_000)
        );
        assert_eq!(message(&shorter), "m");
        let text = "é".repeat(LONGEST);
        assert_eq!(message(&format!("x{text}")).len(), LONGEST - 1);
        let page = format!("<html>{text}");
        assert_eq!(said(&message(&page)), " (an HTML page)");
    }

    #[test]
    fn json_is_not_quoted_whatever_stands_before_it() {
        let whole = r#"{ "response" : {"id":7,"vin":"LRW3E7FA9MC000001","name" : true}}"#;
        let starts = ["", "\u{feff}", ")]}',\n", "callback(", "data: ", "\""];
        for start in starts {
            for end in 3..whole.len() {
                let text = format!("{start}{}", &whole[..end]);
                assert_eq!(said(&text), " (JSON, which is not repeated)", "{text}");
            }
        }
        for start in 0..=whole.len() - 10 {
            let text = &whole[start..];
            assert_eq!(said(text), " (JSON, which is not repeated)", "{text}");
        }
        let twice = serde_json::Value::from(whole).to_string();
        assert_eq!(said(&message(&twice)), " (JSON, which is not repeated)");
        for text in [
            r#"Get "https://x.example/": dial tcp: no such host"#,
            r#"{:error=>"vehicle unavailable"}"#,
            "the 'state' is unknown: {}",
        ] {
            assert_eq!(said(text), format!(" (\"{text}\")"));
        }
    }

    #[test]
    fn another_cars_answer_is_known_by_its_vin() {
        let vin = "LRW3E7FA9MC000001";
        for (response, other) in [
            (r#"{"id":1,"vin":"LRW3E7FA9MC000002"}"#, true),
            (r#"{"id":1,"vin":"LRW3E7FA9MC00000\u0032"}"#, true),
            (r#"{"id":1,"vin":"LRW3E7FA9MC000001"}"#, false),
            (r#"{"id":1,"vin":"lrw3e7fa9mc000001"}"#, false),
            (r#"{"id":1,"vin":""}"#, false),
            (r#"{"id":1,"vin":"LRW3E7FA9MC******"}"#, false),
            (r#"{"id":1,"vin":null}"#, false),
            (r#"{"id":1,"vin":17}"#, false),
            (r#"{"id":1}"#, false),
        ] {
            assert_eq!(is_of_another(response, vin), other, "{response}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_beginning() {
        for page in ["<html>", "  <!DOCTYPE html>", "<HTML><HEAD>", "<head>"] {
            assert!(is_html(page), "{page}");
            assert_eq!(said(page), " (an HTML page)");
        }
        for other in ["", "{}", "html", "ééééééééééééééééééé"] {
            assert!(!is_html(other), "{other}");
        }
    }
}
