//! What an error's body says.

use super::words::quote;

/// What a body says: its `error` and `error_description`, or itself if it is no JSON.
pub(super) fn message(body: &str) -> String {
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
        Some(other) => other.to_string(),
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

/// `: "what it said"`, or nothing.
pub(super) fn said(text: &str) -> String {
    match quote(text) {
        words if words.is_empty() => String::new(),
        _ if is_html(text) => " (an HTML page)".to_owned(),
        words => format!(" (\"{words}\")"),
    }
}

/// Whether it begins as JSON and is none.
pub(super) fn is_damaged_json(body: &str) -> bool {
    body.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(body).is_err()
}

/// Whether it is a page for people.
pub(super) fn is_html(text: &str) -> bool {
    let start = text
        .trim_start()
        .get(..15)
        .unwrap_or(text.trim_start())
        .to_lowercase();
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
            (r#"{"error":{"code":7}}"#, r#"{"code":7}"#),
            (r#"{"message":"hello"}"#, "hello"),
            (r#""just a text""#, "just a text"),
            ("{}", ""),
            ("Retry in 5 seconds\n", "Retry in 5 seconds\n"),
        ] {
            assert_eq!(message(body), says, "{body}");
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
