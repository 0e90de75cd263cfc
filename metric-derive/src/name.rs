//! Names: how they are made, and what OpenTelemetry allows.

/// The longest name of an instrument.
pub(crate) const MAX_NAME: usize = 255;

/// `ChargeState` as `charge_state`, `HTTPServer` as `http_server`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| letters[i]);
        let after = letters.get(i + 1).copied();
        if letter.is_uppercase() && before.is_some_and(|before| begins_word(before, after)) {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Whether an upper-case letter between these two begins a word.
fn begins_word(before: char, after: Option<char>) -> bool {
    if before.is_uppercase() {
        // The last of several: the `S` of `HTTPServer`.
        return after.is_some_and(char::is_lowercase);
    }
    before != '_'
}

/// What is wrong with a part of a name, which is called `what`; `first` if the name begins with it.
pub(crate) fn fault(what: &str, part: &str, first: bool) -> Option<String> {
    let mut characters = part.chars();
    if let Some(wrong) = characters.find(|c| !is_allowed(*c)) {
        return Some(format!(
            "the {what} `{}` has the character `{}`",
            part.escape_debug(),
            wrong.escape_debug()
        ));
    }
    match part.chars().next() {
        None => Some(format!("the {what} is empty")),
        Some(letter) if first && !letter.is_ascii_alphabetic() => {
            Some(format!("the {what} `{part}` does not begin with a letter"))
        }
        Some(_) => None,
    }
}

/// What a name may consist of.
pub(crate) const ALLOWED: &str =
    "a name begins with an ASCII letter, and has letters, digits, `_`, `.`, `-` and `/`";

fn is_allowed(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || is_separator(letter)
}

/// Whether the letter can stand between the parts of a name.
pub(crate) fn is_separator(letter: char) -> bool {
    matches!(letter, '_' | '.' | '-' | '/')
}

/// A valid name that is close to an invalid one, if there is any.
pub(crate) fn repaired(part: &str) -> Option<String> {
    // What a letter beyond ASCII should become is not for a macro to say.
    if !part.is_ascii() {
        return None;
    }
    let letters = part.chars().map(|c| if is_allowed(c) { c } else { '_' });
    let repaired: String = letters.collect();
    let repaired = repaired.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    // Nor is a digit less.
    let begins = repaired.starts_with(|c: char| c.is_ascii_alphabetic());
    begins.then(|| repaired.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (name, snake) in [
            ("ChargeState", "charge_state"),
            ("HTTPServer", "http_server"),
            ("V2Ray", "v2_ray"),
            ("Type", "type"),
            ("IPv4", "i_pv4"),
            ("A", "a"),
            ("AB", "ab"),
            ("already_snake", "already_snake"),
            ("Mixed_Case", "mixed_case"),
            ("ABSBrake2Left", "abs_brake2_left"),
            ("", ""),
            ("Größe", "größe"),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
        }
    }

    #[test]
    fn faults_are_found_and_repaired() {
        for (part, first, expected) in [
            ("a.b-c_d/9", true, None),
            ("9", false, None),
            ("9", true, Some("the name `9` does not begin with a letter")),
            ("", false, Some("the name is empty")),
            ("a b", false, Some("the name `a b` has the character ` `")),
        ] {
            assert_eq!(fault("name", part, first).as_deref(), expected);
        }
        assert_eq!(repaired("battery level").as_deref(), Some("battery_level"));
        assert_eq!(repaired("_x").as_deref(), Some("x"));
        assert_eq!(repaired("größe"), None);
        assert_eq!(repaired("12v_battery"), None);
    }
}
