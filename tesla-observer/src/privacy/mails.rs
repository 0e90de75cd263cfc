//! E-mail addresses in words that leave this machine.
//!
//! An account is called by its owner's address, in messages, in what they quote of the service, and in
//! the paths of its files. On the terminal that says which account is meant; a receiver of logs need
//! not know who its owner is.

/// The text without any e-mail address in it; nothing if there is none.
///
/// What looks like one is taken for one: what it is called by, an `@` or, as in addresses of the web,
/// `%40`, and a host with a dot in it.
pub(crate) fn without_mails(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some((at, sign)) = next_sign(rest) {
        let (before, after) = (&rest[..at], &rest[at + sign..]);
        let (own, host) = (at - name_of(before), host_of(after));
        // A quote around it is no part of it.
        let quoted =
            before[own..].starts_with(['\'', '`']) && after[host..].starts_with(['\'', '`']);
        let own = own + usize::from(quoted && own + 1 < at);
        if own == at || host == 0 {
            shown.push_str(&rest[..at + sign]);
            rest = after;
        } else {
            shown.push_str(&before[..own]);
            shown.push_str("[e-mail]");
            found = true;
            rest = &after[host..];
        }
    }
    found.then(|| shown + rest)
}

/// Where the next `@` stands, and how long it is.
fn next_sign(text: &str) -> Option<(usize, usize)> {
    let plain = text.find('@').map(|at| (at, 1));
    let encoded = text.find("%40").map(|at| (at, 3));
    plain.into_iter().chain(encoded).min()
}

/// How long the name at the end is, in bytes.
fn name_of(text: &str) -> usize {
    if let Some(quoted) = quoted_name_of(text) {
        return quoted;
    }
    let rest = text.trim_end_matches(of_a_name);
    let name = &text[rest.len()..];
    // A path, or an address of the web: what is before the name says where, not whose.
    match name.starts_with('/') {
        true => name.len() - name.rfind('/').map_or(0, |slash| slash + 1),
        false => name.len(),
    }
}

/// `"like this"`, of which quotes within have a backslash, as have all within a text of JSON.
fn quoted_name_of(text: &str) -> Option<usize> {
    let inner = text.strip_suffix('"')?;
    let end = if inner.ends_with('\\') { "\\\"" } else { "\"" };
    let inner = text.strip_suffix(end)?;
    let start = inner
        .match_indices(end)
        .map(|(at, _)| at)
        .filter(|at| !inner[..*at].ends_with('\\'))
        .last()?;
    Some(text.len() - start)
}

/// What RFC 5322 has in a name without quotes, and letters of all the world's.
fn of_a_name(c: char) -> bool {
    c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// How long the host at the start is; 0 if there is none with a dot in it, or cut off.
fn host_of(text: &str) -> usize {
    let of_a_host = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let end = text.find(|c| !of_a_host(c)).unwrap_or(text.len());
    if text[end..].starts_with('…') {
        return end + '…'.len_utf8();
    }
    let host = text[..end].trim_end_matches(['.', '-']);
    match host.trim_start_matches('.').contains('.') {
        true => host.len(),
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_hidden_wherever_they_stand_and_words_are_kept() {
        for (text, shown) in [
            ("The cars of a@example.com", "The cars of [e-mail]"),
            (
                "/state/accounts/a.b+c@mail.example.co.uk.json: full",
                "/state/accounts/[e-mail]: full",
            ),
            ("only a@b.example, c@d.example.", "only [e-mail], [e-mail]."),
            ("hint=a%40example.com&x", "[e-mail]&x"),
            (
                "https://x.example/in?hint=a%40example.com",
                "https://x.example/[e-mail]",
            ),
            ("of miles.o'brien@example.com", "of [e-mail]"),
            ("of a/b=c?`d@example.com", "of [e-mail]"),
            (
                "of 'a@example.com', `b@example.com`",
                "of '[e-mail]', `[e-mail]`",
            ),
            ("to \"John \\\"J\\\" Doe\"@example.com", "to [e-mail]"),
            (
                "{\"to\":\"\\\"john doe\\\"@example.com\"}",
                "{\"to\":\"[e-mail]\"}",
            ),
            ("The cars of someone@exam…", "The cars of [e-mail]"),
            ("The cars of someone@…", "The cars of [e-mail]"),
            ("no <José@bücher.example>!", "no <[e-mail]>!"),
            ("\"email\":\"A_B@EXAMPLE.COM\"", "\"email\":\"[e-mail]\""),
            ("@ and x@y a@b.cd", "@ and x@y [e-mail]"),
        ] {
            assert_eq!(without_mails(text).as_deref(), Some(shown));
        }
        for text in [
            "",
            "plain",
            "@",
            "a@",
            "@b.example",
            "me@home",
            "5 @ 3.5",
            "50%40",
        ] {
            assert_eq!(without_mails(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_address_stays(
            before in ".{0,20}",
            name in "[a-z0-9.!#$%&'*+/=?^_`{|}~-]{0,8}[a-z0-9]",
            host in "[a-z0-9]{1,8}\\.[a-z]{2,5}",
            after in ".{0,20}",
        ) {
            let address = format!("{name}@{host}");
            let shown = without_mails(&format!("{before} {address} {after}"));
            let shown = shown.unwrap_or_default();
            prop_assert!(!shown.contains(&address), "{shown}");
            prop_assert!(shown.contains("[e-mail]"), "{shown}");
            let _ = without_mails(&format!("{before}{address}{after}"));
        }
    }
}
