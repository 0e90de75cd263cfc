//! A service's words, made fit to be shown: short, without control characters, without tokens and VINs.

use std::borrow::Cow;

use crate::privacy::{without_mails, without_secret, without_vins};

/// How much of a body a message quotes, in characters.
const LONGEST: usize = 200;

/// A run of these characters that is long and has a digit, or that begins like a token, is taken
/// for one.
fn of_a_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '=')
}

fn looks_like_a_token(run: &str) -> bool {
    let prefixed = ["cn-", "eu-", "na-", "qts-", "NA_", "EU_", "CN_"]
        .iter()
        .any(|prefix| run.starts_with(prefix));
    run.contains("eyJ")
        || (prefixed && run.len() >= 20)
        || (run.len() >= 32 && run.chars().any(|c| c.is_ascii_digit()))
}

/// The text with everything hidden that looks like a token.
fn hide_tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c| !of_a_token(c)).unwrap_or(rest.len());
        if run == 0 {
            let next = rest.find(of_a_token).unwrap_or(rest.len());
            out.push_str(&rest[..next]);
            rest = &rest[next..];
            continue;
        }
        let (word, after) = rest.split_at(run);
        out.push_str(if looks_like_a_token(word) {
            "[hidden]"
        } else {
            word
        });
        rest = after;
    }
    out
}

/// What a service said, fit to be shown.
pub(super) fn quote(text: &str) -> String {
    // Far more than is shown, and cut first, so that a huge body costs nothing. The last word may
    // be a token cut in two and is left out.
    let start: String = text.chars().take(LONGEST * 20).collect();
    let start = match start.len() < text.len() {
        true => start
            .rsplit_once(|c| !of_a_token(c))
            .map_or("", |(start, _)| start),
        false => start.as_str(),
    };
    let clean: String = start
        .chars()
        .map(|c| {
            if c.is_control() || is_invisible(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let words = hide_tokens(&clean.split_whitespace().collect::<Vec<_>>().join(" "));
    let words = without_vins(&words);
    if words.chars().nth(LONGEST).is_none() {
        return words.into_owned();
    }
    // Before it is cut: half an address is not known to be one where it is looked for.
    let words = without_mails(&words).map_or(words, Cow::Owned);
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.into_owned(),
    }
}

/// Characters that can turn a terminal's line around or hide in it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A body without the secrets that were sent, should the service repeat them.
pub(super) fn without<'a>(mut body: String, secrets: impl IntoIterator<Item = &'a str>) -> String {
    for secret in secrets {
        // What is shorter is no secret, but may be part of words.
        if secret.len() >= 8
            && let Some(shown) = without_secret(&body, secret, "[hidden]")
        {
            body = shown;
        }
    }
    body
}

/// A VIN, short enough to be told apart and too short to be looked up.
pub(super) fn short_vin(vin: &str) -> String {
    let characters: Vec<char> = vin.chars().filter(|c| !c.is_control()).collect();
    match characters.len() {
        0..=10 => characters.into_iter().collect(),
        length => {
            let start: String = characters[..4].iter().collect();
            let end: String = characters[length - 4..].iter().collect();
            format!("{start}…{end}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_are_hidden_and_words_are_kept() {
        for token in [
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl",
            "qts-0123456789abcdefghij",
            "cn-0123456789abcdefghijk",
            "eu-abcdefghijklmnopqrstu",
            "NA_0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef",
        ] {
            for text in [
                format!("token {token} expired"),
                format!("\"{token}\""),
                token.to_owned(),
            ] {
                let quoted = quote(&text);
                assert!(!quoted.contains(&token[4..]), "{quoted}");
                assert!(quoted.contains("[hidden]"), "{quoted}");
            }
        }
        let words = "forbidden, see https://developer.tesla.com/docs/fleet-api";
        assert_eq!(quote(words), words);
        let base = "use base URL: https://fleet-api.prd.na.vn.cloud.tesla.com, see";
        assert_eq!(quote(base), base);
    }

    #[test]
    fn quotes_are_short_and_of_one_line() {
        let quoted = quote(&"a\u{1b}[31m\n\u{202e}b ".repeat(10_000));
        assert!(quoted.chars().count() <= LONGEST + 1);
        assert!(
            !quoted.chars().any(|c| c.is_control() || is_invisible(c)),
            "{quoted:?}"
        );
        let cut = format!("{} eyJ{}", "ab ".repeat(1_332), "x1".repeat(40));
        assert!(!quote(&cut).contains("x1"));
    }

    #[test]
    fn an_address_is_not_cut_in_two() {
        let text = format!("{}someone@example.com was here", "x ".repeat(95));
        assert!(quote(&text).contains("x [e-mail] w"), "{}", quote(&text));
        let text = "of someone@example.com";
        assert_eq!(quote(text), text);
    }

    #[test]
    fn the_sent_token_is_hidden_whatever_it_looks_like() {
        let body = "x secret-a y secret-b".to_owned();
        assert_eq!(
            without(body, ["secret-a", "secret-b"]),
            "x [hidden] y [hidden]"
        );
        assert_eq!(without("x".to_owned(), ["", "x"]), "x");
    }

    #[test]
    fn a_vin_is_shortened() {
        assert_eq!(short_vin("LRW3E7FA9MC000001"), "LRW3…0001");
        assert_eq!(short_vin("LR"), "LR");
        assert_eq!(short_vin("ünïcödé-vin-äöü"), "ünïc…-äöü");
    }

    proptest! {
        #[test]
        fn no_jwt_survives_anywhere(
            before in "[^A-Za-z0-9_.~+=-]{0,80}",
            middle in "[A-Za-z0-9_-]{8,600}",
            after in ".{0,300}",
        ) {
            let text = format!("{before} eyJ{middle}.{middle} {after}");
            prop_assert!(!quote(&text).contains(&middle));
        }
    }
}
