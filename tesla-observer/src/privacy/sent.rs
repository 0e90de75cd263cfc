//! Secrets that were sent, in words that come back.

/// What another spelling has in it that a plain one need not have.
const SIGNS: [char; 4] = ['%', '\\', '&', '+'];

/// The text without a secret; nothing if it has none.
///
/// A service repeats it in the spelling of what it read or of what it writes: as it is, as forms and
/// addresses have it, as in JSON's texts (also one within another), or as in a page.
pub(crate) fn without_secret(text: &str, secret: &str, instead: &str) -> Option<String> {
    if secret.is_empty() {
        return None;
    }
    // Those first: what begins an escape belongs to it.
    let other = without_spelled(text, secret, instead);
    let rest = other.as_deref().unwrap_or(text);
    match rest.contains(secret) {
        true => Some(rest.replace(secret, instead)),
        false => other,
    }
}

fn without_spelled(text: &str, secret: &str, instead: &str) -> Option<String> {
    // One by one: a search for one character looks at many bytes at once.
    if !SIGNS.iter().any(|sign| text.contains(*sign)) {
        return None;
    }
    let begins = |c: char| SIGNS.contains(&c) || secret.starts_with(c);
    let mut shown = String::new();
    let (mut kept, mut rest) = (text, text);
    while let Some(at) = rest.find(begins) {
        rest = &rest[at..];
        match after_secret(rest, secret) {
            Some(after) => {
                shown.push_str(&kept[..kept.len() - rest.len()]);
                shown.push_str(instead);
                (kept, rest) = (after, after);
            }
            None => {
                let mut letters = rest.chars();
                letters.next();
                rest = letters.as_str();
            }
        }
    }
    (kept.len() < text.len()).then(|| shown + kept)
}

/// What follows the secret, if the text begins with it.
fn after_secret<'a>(text: &'a str, secret: &str) -> Option<&'a str> {
    secret.chars().try_fold(text, |rest, letter| {
        percent(rest, letter)
            .or_else(|| backslash(rest, letter))
            .or_else(|| entity(rest, letter))
            .or_else(|| rest.strip_prefix(letter))
    })
}

/// `%26`; in forms a `+` for a blank.
fn percent(text: &str, letter: char) -> Option<&str> {
    if letter == ' ' && text.starts_with('+') {
        return text.strip_prefix('+');
    }
    let mut bytes = [0; 4];
    letter
        .encode_utf8(&mut bytes)
        .bytes()
        .try_fold(text, |rest, byte| {
            let (digits, after) = rest.strip_prefix('%')?.split_at_checked(2)?;
            (u8::from_str_radix(digits, 16) == Ok(byte)).then_some(after)
        })
}

/// `\u0026`, `\"` and `\/`; with more backslashes in a text within a text.
fn backslash(text: &str, letter: char) -> Option<&str> {
    if letter == '\\' {
        return text.strip_prefix("\\\\");
    }
    let after = text.strip_prefix('\\')?.trim_start_matches('\\');
    if let Some(after) = after.strip_prefix(letter)
        && matches!(letter, '"' | '/' | '\'')
    {
        return Some(after);
    }
    let mut units = [0; 2];
    let mut rest = text;
    for unit in letter.encode_utf16(&mut units) {
        let (digits, after) = rest
            .strip_prefix('\\')?
            .trim_start_matches('\\')
            .strip_prefix('u')?
            .split_at_checked(4)?;
        if u16::from_str_radix(digits, 16) != Ok(*unit) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

/// `&amp;`, `&#38;` and `&#x26;`.
fn entity(text: &str, letter: char) -> Option<&str> {
    let end = text
        .strip_prefix('&')?
        .bytes()
        .take(10)
        .position(|byte| byte == b';')?
        + 1;
    let found = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    (found == letter).then(|| &text[end + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded::byte_serialize;

    use super::*;

    const SECRET: &str = "ta-secret.a&b<c%d\"e/f g";

    /// As Go writes texts into JSON, for pages.
    fn as_go_does(json: &str) -> String {
        let mut text = json.to_owned();
        for letter in ['&', '<', '>'] {
            text = text.replace(letter, &format!("\\u{:04x}", u32::from(letter)));
        }
        text
    }

    fn spellings(secret: &str) -> Vec<String> {
        let json = serde_json::Value::from(secret).to_string();
        let json = json[1..json.len() - 1].to_owned();
        let form: String = byte_serialize(secret.as_bytes()).collect();
        let units = secret.encode_utf16();
        let entities = [
            ('<', "&lt;"),
            ('>', "&gt;"),
            ('"', "&#34;"),
            ('\'', "&#x27;"),
        ];
        let page = entities
            .iter()
            .fold(secret.replace('&', "&amp;"), |page, (letter, entity)| {
                page.replace(*letter, entity)
            });
        vec![
            secret.to_owned(),
            as_go_does(&json),
            json,
            form.replace('+', "%20"),
            form,
            secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            units.map(|unit| format!("\\u{unit:04x}")).collect(),
            page,
        ]
    }

    #[test]
    fn a_secret_is_taken_out_however_it_is_spelled() {
        let mut all = spellings(SECRET);
        // A text within a text.
        let inner = serde_json::json!({"error": SECRET}).to_string();
        let outer = serde_json::Value::from(inner.as_str()).to_string();
        let start = outer.find("ta-").unwrap_or_default();
        let end = outer.rfind(" g").unwrap_or_default() + 2;
        all.push(outer[start..end].to_owned());
        all.push(as_go_does(&outer[start..end]));
        all.push(SECRET.replace('/', "\\/"));
        for spelled in all {
            let text = format!("x={spelled}&y {spelled}!");
            let shown = without_secret(&text, SECRET, "…");
            assert_eq!(shown.as_deref(), Some("x=…&y …!"), "{spelled}");
        }
    }

    #[test]
    fn one_letter_spelled_otherwise_is_enough_in_a_text_that_has_no_other_sign() {
        for (secret, spelled) in [
            ("ta secret", "ta+secret"),
            ("ta/secret", "ta%2Fsecret"),
            ("ta/secret", "ta\\/secret"),
            ("ta<secret", "ta&lt;secret"),
        ] {
            let shown = without_secret(&format!("x {spelled}."), secret, "…");
            assert_eq!(shown.as_deref(), Some("x …."), "{spelled}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "", "%", "%2", "\\", "\\u", "&", "&amp;&#;", "50% + 1", "a-secret", "%e4%f",
        ] {
            assert_eq!(without_secret(text, SECRET, "…"), None, "{text}");
        }
        assert_eq!(without_secret("text", "", "…"), None);
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_secret_stays(
            secret in "[ -~äß😀&&[^\\\\]]{8,40}",
            before in "[^%\\\\&+]{0,10}",
            after in ".{0,10}",
        ) {
            // Could be read in two ways.
            prop_assume!(!secret.contains("%25"));
            for spelled in spellings(&secret) {
                let shown = without_secret(&format!("{before}\n{spelled}\n{after}"), &secret, "");
                let wanted = format!("{before}\n\n{after}");
                prop_assert_eq!(shown.as_deref(), Some(wanted.as_str()), "{}", spelled);
            }
        }

        #[test]
        fn no_text_panics(text in "([%\\\\&+#;u0-9a-fé]|amp){0,40}", secret in "[%\\\\&+ u0-9aé]{0,4}") {
            let _ = without_secret(&text, &secret, "…");
        }
    }
}
