//! VINs in words that come from outside.

use std::borrow::Cow;

const LENGTH: usize = 17;

/// Whether it has a VIN's shape: 17 letters and digits without I, O and Q, the last four digits.
pub(crate) fn looks_like_a_vin(run: &str) -> bool {
    let serial = |run: &[u8]| run[LENGTH - 4..].iter().all(u8::is_ascii_digit);
    let of_a_vin = |byte: u8| {
        byte.is_ascii_alphanumeric() && !matches!(byte.to_ascii_uppercase(), b'I' | b'O' | b'Q')
    };
    run.len() == LENGTH && run.bytes().all(of_a_vin) && serial(run.as_bytes())
}

/// Whether a VIN is in it that may be mistyped: most of one, in one piece.
pub(crate) fn resembles_a_vin(text: &str) -> bool {
    text.split_whitespace().any(|piece| {
        let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
        let digits = piece.chars().filter(|c| c.is_numeric()).count();
        letters > 0 && digits > 0 && letters + digits >= 11
    })
}

/// The text with every VIN hidden.
pub(crate) fn without_vins(text: &str) -> Cow<'_, str> {
    let other = |c: char| !c.is_ascii_alphanumeric();
    if !text.split(other).any(looks_like_a_vin) {
        return Cow::Borrowed(text);
    }
    let pieces = text.split_inclusive(other).map(|piece| {
        let run = piece.trim_end_matches(other);
        match looks_like_a_vin(run) {
            true => format!("[hidden]{}", &piece[run.len()..]),
            false => piece.to_owned(),
        }
    });
    Cow::Owned(pieces.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vins_are_hidden_wherever_they_stand_and_words_are_kept() {
        for (text, shown) in [
            ("5YJSA1H2ZFF900003", "[hidden]"),
            ("no 5yjsa1h2zff900003!", "no [hidden]!"),
            (
                "{\"vin\":\"LRW3E7FA9MC000001\"}é",
                "{\"vin\":\"[hidden]\"}é",
            ),
            ("LRW3E7FA9MC000001,LRW3E7FA9MC000002", "[hidden],[hidden]"),
        ] {
            assert_eq!(without_vins(text), shown);
        }
        for text in [
            "",
            "vehicle unavailable",
            "mobileaccessdisab",
            "LRW3E7FA9MC00000",
            "LRW3E7FA9MC0000011",
            "1492931365719407001",
        ] {
            assert_eq!(without_vins(text), text);
        }
    }

    #[test]
    fn a_vin_that_is_mistyped_still_resembles_one() {
        for text in [
            "5YJSA1H2ZFF900003",
            "5YJSA1H2ZFF9OOOO3",
            "5YJSA1H2ZFF90000",
            "my 5yjsa1h2-zff900003",
            "5YJSA1H2ZFF",
            "5YJSA1H2ZFF9ООООЗ",
        ] {
            assert!(resembles_a_vin(text), "{text}");
        }
        for text in [
            "",
            "Blue",
            "Blue 2",
            "Thunderstruck",
            "01234567890",
            "5YJSA1H2 FF90",
        ] {
            assert!(!resembles_a_vin(text), "{text}");
        }
    }
}
