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
        let own = before.trim_end_matches(of_a_name).len();
        let host = host_of(after);
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

fn of_a_name(c: char) -> bool {
    c.is_alphanumeric() || ".!#$&*+-^_{|}~%".contains(c)
}

/// How long the host at the start is; 0 if there is none with a dot in it.
fn host_of(text: &str) -> usize {
    let of_a_host = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let end = text.find(|c| !of_a_host(c)).unwrap_or(text.len());
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
            ("hint=a%40example.com&x", "hint=[e-mail]&x"),
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
            name in "[a-z0-9.+_-]{0,8}[a-z0-9]",
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
