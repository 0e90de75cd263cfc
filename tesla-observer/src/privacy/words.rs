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
}
