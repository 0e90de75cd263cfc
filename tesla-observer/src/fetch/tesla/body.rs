//! What an error's body says.

use std::borrow::Cow;

use super::words::quote;

/// What a body says: its `error` and `error_description`, or itself if it is no JSON.
pub(super) fn message(body: &str) -> String {
    let body = without_mark(body);
    let Ok(json) = serde_json::from_str::<serde_json::Value>(body) else {
        return body.to_owned();
    };
    // Some errors are JSON in a string: {"error":"{\"error\": \"timeout\"}"}.
    let words = |key: &str| match json.get(key) {
        Some(serde_json::Value::String(text)) => match serde_json::from_str(text) {
            Ok(serde_json::Value::Object(inner)) => inner
                .get("error")
                .and_then(|inner| inner.as_str())
                .map_or_else(|| text.clone(), str::to_owned),
            _ => text.clone(),
        },
        Some(serde_json::Value::Null) | None => String::new(),
        Some(other) => within(other).unwrap_or_else(|| other.to_string()),
    };
    let parts = [words("error"), words("error_description"), words("message")];
    let found: Vec<&str> = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    match (found.is_empty(), &json) {
        (false, _) => found.join(": "),
        (true, serde_json::Value::String(text)) => text.clone(),
        (true, _) => String::new(),
    }
}

/// What an error says that is an object, as gateways write it.
fn within(error: &serde_json::Value) -> Option<String> {
    let words = ["code", "status", "error", "message", "error_description"]
        .iter()
        .filter_map(|key| match error.get(key)? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .collect::<Vec<_>>();
    (!words.is_empty()).then(|| words.join(": "))
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
    (text.starts_with(['{', '[']) || text.ends_with(['}', ']']) || has_json(text))
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
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
