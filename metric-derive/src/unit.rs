//! Checks the unit of an instrument against UCUM while the program compiles,
//! so that a backend never meets a unit it has to guess at.
//!
//! This file holds the grammar, `table` the vocabulary, `hint` the guesses at
//! what somebody meant, and `words` what units are called elsewhere. Nothing here recurses, and `check` refuses
//! long input first, so the work per unit is bounded.

mod hint;
mod table;
#[cfg(test)]
mod tests;
mod words;

/// OpenTelemetry's limit.
const MAX_LEN: usize = 63;

/// Why a unit is not valid and, where we can tell, what to write instead.
#[derive(Debug)]
pub(crate) struct UnitError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Checks a unit in UCUM's case-sensitive form (<https://ucum.org/ucum>).
pub(crate) fn check(unit: &str) -> Result<(), UnitError> {
    let fail = |message: String, help: String| {
        Err(UnitError {
            message,
            help: Some(help),
        })
    };
    if unit.is_empty() {
        return fail(
            "the unit is empty".to_owned(),
            "leave `unit` out, or write `1` for a dimensionless ratio".to_owned(),
        );
    }
    let length = unit.chars().count();
    if length > MAX_LEN {
        return fail(
            format!("the unit has {length} characters, and OpenTelemetry allows {MAX_LEN}"),
            "a unit is a short code such as `ms` or `{request}`; \
             the rest belongs in the description"
                .to_owned(),
        );
    }
    verify(unit).map_err(|message| UnitError {
        message,
        help: hint::help(unit),
    })
}

/// A unit cut at its operators: `kW.h/{trip}` is three components around two
/// operators.
enum Piece<'a> {
    Operator(char),
    Component(&'a str),
}

/// Cuts a unit into pieces. What stands in brackets or braces stays in one
/// piece; one that is never closed takes the rest of the unit with it, and
/// the component is refused later.
fn pieces(unit: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut closer = None;
    for (at, c) in unit.char_indices() {
        match (closer, c) {
            (Some(expected), _) if c == expected => closer = None,
            (Some(_), _) => {}
            (None, '{') => closer = Some('}'),
            (None, '[') => closer = Some(']'),
            (None, '.' | '/' | '(' | ')') => {
                if start < at {
                    pieces.push(Piece::Component(&unit[start..at]));
                }
                pieces.push(Piece::Operator(c));
                start = at + c.len_utf8();
            }
            (None, _) => {}
        }
    }
    if start < unit.len() {
        pieces.push(Piece::Component(&unit[start..]));
    }
    pieces
}

/// The parts of a component: `s-1{x}` is `s`, `-1` and `{x}`.
struct Parts<'a> {
    symbol: &'a str,
    exponent: &'a str,
    annotation: &'a str,
}

fn parts(component: &str) -> Parts<'_> {
    let brace = component.find('{').unwrap_or(component.len());
    let (power, annotation) = component.split_at(brace);
    let without_digits = power.trim_end_matches(|c: char| c.is_ascii_digit());
    let symbol = if without_digits.len() < power.len() {
        without_digits
            .strip_suffix(['+', '-'])
            .unwrap_or(without_digits)
    } else {
        // A sign without digits is no exponent.
        power
    };
    Parts {
        symbol,
        exponent: &power[symbol.len()..],
        annotation,
    }
}

/// Tells whether a unit of any length is valid, or says why not.
fn verify(unit: &str) -> Result<(), String> {
    let broken = |why: &str| Err(format!("{} is not a UCUM unit: {why}", quoted(unit)));

    match unit.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) if !c.is_ascii() => {
            return broken(&format!(
                "OpenTelemetry allows only ASCII, not `{}`",
                c.escape_debug()
            ));
        }
        Some(' ') => return broken("a unit has no spaces"),
        Some(c) => return broken(&format!("a unit has no {c:?}")),
        None => {}
    }

    let mut depth = 0_usize;
    let mut complete = false;
    for (at, piece) in pieces(unit).into_iter().enumerate() {
        match piece {
            Piece::Component(_) | Piece::Operator('(') if complete => {
                return broken("`.` or `/` is missing after `)`");
            }
            Piece::Component(text) => {
                verify_component(text, unit)?;
                complete = true;
            }
            Piece::Operator('(') => depth += 1,
            // `/s` is short for `1/s`, though only at the very beginning.
            Piece::Operator('/') if at == 0 => {}
            Piece::Operator(c) if !complete => {
                return broken(&format!("something is missing before `{c}`"));
            }
            Piece::Operator(')') if depth == 0 => return broken("no `(` belongs to the `)`"),
            Piece::Operator(')') => depth -= 1,
            Piece::Operator(_) => complete = false,
        }
    }
    if !complete {
        return broken("something is missing at the end");
    }
    if depth > 0 {
        return broken("a `(` is never closed");
    }
    Ok(())
}

fn verify_component(component: &str, unit: &str) -> Result<(), String> {
    let broken = |why: &str| Err(format!("{} is not a UCUM unit: {why}", quoted(unit)));
    let Parts {
        symbol,
        exponent,
        annotation,
    } = parts(component);

    if let Some(text) = annotation.strip_prefix('{') {
        match text.find(['{', '}']) {
            None => return broken("a `{` is never closed"),
            Some(0) => return broken("the braces name nothing"),
            Some(end) if text[end..].starts_with('{') => return broken("braces do not nest"),
            Some(end) if end + 1 < text.len() => {
                return broken("`.` or `/` is missing after `}`");
            }
            Some(_) => {}
        }
    }
    if symbol.is_empty() {
        // What is left is a number, or braces alone. The grammar has no place
        // for `1{x}`, but UCUM's own test suite takes it, and so do we.
        return if exponent.starts_with(['+', '-']) {
            broken("a number has no sign")
        } else {
            Ok(())
        };
    }
    if let Some(meaning) = hint::false_friend(symbol) {
        return Err(meaning);
    }
    if is_unit(symbol) {
        return Ok(());
    }
    let word = &component[..symbol.len() + exponent.len()];
    let place = if word == unit {
        String::new()
    } else {
        format!(" in {}", quoted(unit))
    };
    Err(format!("{}{place} is not a UCUM unit", quoted(word)))
}

/// Whether this is one of UCUM's codes, with or without a prefix.
fn is_unit(symbol: &str) -> bool {
    let metric = |code: &str| table::metric().any(|known| known == code);
    metric(symbol)
        || table::plain().any(|known| known == symbol)
        || table::prefixes().any(|prefix| symbol.strip_prefix(prefix).is_some_and(metric))
}

/// Text for a message. A character that would not show, or would move the
/// others about, is spelled out.
fn quoted(text: &str) -> String {
    let mut out = String::from("`");
    for c in text.chars() {
        if c.is_ascii_graphic() {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out.push('`');
    out
}
