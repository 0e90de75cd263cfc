//! What somebody who wrote a unit the everyday way should write instead.
//!
//! Every suggestion is checked against the grammar before it is shown.

use super::words::{FALSE_FRIENDS, NAMES, PREFIX_NAMES, PREFIXABLE, PRODUCTS};
use super::{MAX_LEN, Piece, is_unit, parts, pieces, table, verify};

/// How far a suggestion is from what was written, nearest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Guess {
    Same,
    Typo,
    Counted,
}

/// The message for a code that UCUM accepts, or nearly, with another meaning
/// than the one its author had in mind.
pub(super) fn false_friend(symbol: &str) -> Option<String> {
    if bytes(symbol).is_some() {
        return Some(format!(
            "`{symbol}` is not a unit of bytes: in UCUM `B` is the bel (and `dB` the decibel)"
        ));
    }
    let (_, meaning, _) = FALSE_FRIENDS.iter().find(|(code, ..)| *code == symbol)?;
    Some(format!("`{symbol}` is the {meaning} in UCUM"))
}

/// What to tell the author of a unit that is not valid.
pub(super) fn help(unit: &str) -> Option<String> {
    match correct(unit) {
        Some((better, Guess::Same)) => Some(format!("write `{better}`")),
        Some((better, Guess::Typo)) => Some(format!("did you mean `{better}`?")),
        Some((better, Guess::Counted)) => Some(format!(
            "write `{better}`: braces name the things that are counted"
        )),
        None => pieces(unit).iter().any(is_unknown).then(|| {
            "write a code from https://ucum.org/ucum, \
             or what is counted in braces, as in `{request}`"
                .to_owned()
        }),
    }
}

fn is_unknown(piece: &Piece<'_>) -> bool {
    matches!(piece, Piece::Component(text) if verify(text).is_err())
}

/// The whole unit with every component corrected.
fn correct(unit: &str) -> Option<(String, Guess)> {
    let tidy = tidy(unit);
    let mut better = String::new();
    let mut guess = Guess::Same;
    for piece in pieces(&tidy) {
        match piece {
            Piece::Operator(c) => better.push(c),
            Piece::Component(text) if text.trim().is_empty() => {}
            Piece::Component(text) => {
                let (fixed, how) = correct_component(text.trim())?;
                guess = guess.max(how);
                // `1/kWh` is `1/(kW.h)`.
                if better.ends_with('/') && pieces(&fixed).len() > 1 {
                    better.push_str(&format!("({fixed})"));
                } else {
                    better.push_str(&fixed);
                }
            }
        }
    }
    let valid = better.len() <= MAX_LEN && verify(&better).is_ok();
    valid.then_some((better, guess))
}

/// Puts the unit's punctuation into UCUM's form: `m/s²`, `m / s^2` and
/// `W·h per day`.
fn tidy(unit: &str) -> String {
    let mut unit = unit.trim().trim_end_matches('.').replace("**", "^");
    if !unit.contains('{') {
        unit = unit.replace(" per ", "/").replace("_per_", "/");
        if let Some(rest) = unit.strip_prefix("per ") {
            unit = format!("/{rest}");
        }
    }
    let mut out = String::new();
    let mut closer = None;
    for c in unit.chars() {
        match c {
            _ if closer == Some(c) => {
                closer = None;
                out.push(c);
            }
            _ if closer == Some('}') && c.is_whitespace() => out.push('_'),
            _ if closer.is_some() => out.push(c),
            '{' | '[' => {
                closer = Some(if c == '{' { '}' } else { ']' });
                out.push(c);
            }
            '·' | '⋅' | '×' => out.push('.'),
            '÷' | '∕' => out.push('/'),
            '*' if !out.ends_with("10") => out.push('.'),
            '^' if !out.ends_with("10") => {}
            _ => out.push(plain_digit(c)),
        }
    }
    out
}

fn plain_digit(c: char) -> char {
    match c {
        '⁻' => '-',
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        _ => c,
    }
}

fn correct_component(text: &str) -> Option<(String, Guess)> {
    if verify(text).is_ok() {
        return Some((text.to_owned(), Guess::Same));
    }
    let separated = separated(text);
    // `deg C` is no product.
    if verify(&separated).is_ok() && !separated.starts_with("deg.") {
        return Some((separated, Guess::Same));
    }
    let parts = parts(text);
    let (exponent, annotation) = (parts.exponent, parts.annotation);
    if parts.symbol.is_empty() {
        return None;
    }
    let symbol = parts.symbol.trim();
    let word = format!("{symbol}{exponent}");
    // `p99` is the name of something, not the 99th power of it.
    if exponent.trim_start_matches(['+', '-']).len() < 2 {
        let known = everyday(symbol).map(|code| (code, Guess::Same));
        if let Some((code, guess)) = known.or_else(|| Some((typo(symbol)?, Guess::Typo))) {
            // A power of `km/h` has no short form.
            let fits = exponent.is_empty() || is_unit(&code);
            return fits.then(|| (format!("{code}{exponent}{annotation}"), guess));
        }
    }
    Some((format!("{{{}}}", counted(&word)?), Guess::Counted))
}

/// Factors that are written side by side: `kW h`, `m2K`, `100km`.
fn separated(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphabetic() && out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push('.');
        }
        out.push(if c.is_whitespace() { '.' } else { c });
    }
    out
}

/// The code for a symbol that is right but for its spelling.
fn everyday(symbol: &str) -> Option<String> {
    let meant = FALSE_FRIENDS.iter().find(|(code, ..)| *code == symbol);
    if let Some((_, _, code)) = meant {
        return Some((*code).to_owned());
    }
    bytes(symbol)
        .or_else(|| product(symbol))
        .or_else(|| named(symbol))
        .or_else(|| data(symbol))
        .or_else(|| prefixed_name(symbol))
        .or_else(|| respelled(symbol))
        .or_else(|| bracketed(symbol))
        .or_else(|| latin(symbol))
}

/// `kB` and its like. Only these prefixes: `dB` is a decibel, and so is any
/// other small part of a bel.
fn bytes(symbol: &str) -> Option<String> {
    let prefix = match symbol.strip_suffix('B')? {
        "K" => "k",
        "KI" | "ki" => "Ki",
        prefix @ ("" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti") => prefix,
        _ => return None,
    };
    Some(format!("{prefix}By"))
}

/// Amounts of data and their rates: `Mb`, `gb`, `kbps`, `MBps`.
fn data(symbol: &str) -> Option<String> {
    let (amount, per) = match symbol.strip_suffix("ps") {
        Some(amount) => (amount, "/s"),
        None => (symbol, ""),
    };
    let prefix = amount.strip_suffix(['b', 'B'])?;
    // People write `Mb` for megabits, but `mb` for megabytes.
    let lazy = per.is_empty() && matches!(prefix, "m" | "g" | "t");
    let unit = if amount.ends_with('B') || lazy {
        "By"
    } else {
        "bit"
    };
    let prefix = match prefix {
        "" => "",
        "k" | "K" => "k",
        "m" | "M" => "M",
        "g" | "G" => "G",
        "t" | "T" => "T",
        _ => return None,
    };
    Some(format!("{prefix}{unit}{per}"))
}

/// `kWh` is `kW.h`.
fn product(symbol: &str) -> Option<String> {
    PRODUCTS.iter().find_map(|(joined, code)| {
        let prefix = symbol.strip_suffix(joined)?;
        (prefix.is_empty() || table::prefixes().any(|known| known == prefix))
            .then(|| format!("{prefix}{code}"))
    })
}

fn named(symbol: &str) -> Option<String> {
    lookup(NAMES, &key(symbol)).map(str::to_owned)
}

fn prefixed_name(symbol: &str) -> Option<String> {
    let key = key(symbol);
    let written_out = PREFIX_NAMES
        .iter()
        .find_map(|(code, name)| Some((*code, key.strip_prefix(name)?)));
    let (prefix, name) = written_out.unwrap_or(("", &key));
    if let Some(code) = lookup(PREFIXABLE, name) {
        return Some(format!("{prefix}{code}"));
    }
    // `msec`, `Mbyte`: the prefix is a code, so its case counts.
    PREFIX_NAMES.iter().find_map(|(prefix, _)| {
        let code = lookup(PREFIXABLE, &symbol.strip_prefix(prefix)?.to_lowercase())?;
        Some(format!("{prefix}{code}"))
    })
}

/// A symbol in the form the tables of names use.
fn key(symbol: &str) -> String {
    symbol
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn lookup(table: &[(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    let find = |key: &str| {
        let (code, _) = table
            .iter()
            .find(|(_, names)| names.split(' ').any(|name| name == key))?;
        Some(*code)
    };
    // One letter and an `s` is no plural: `µs` are not several `µ`.
    let singular = || {
        key.strip_suffix('s')
            .filter(|stem| stem.chars().count() > 1)
    };
    find(key).or_else(|| find(singular()?))
}

/// The code that differs least among those that differ only in case.
fn respelled(symbol: &str) -> Option<String> {
    // The part of the symbol before `code`, where the symbol ends with it.
    let before = |code: &str| {
        let (head, tail) = symbol.split_at_checked(symbol.len().checked_sub(code.len())?)?;
        tail.eq_ignore_ascii_case(code).then_some(head)
    };
    let plain = table::plain()
        .filter(|code| before(code) == Some(""))
        .map(|code| ("", code));
    let metric = table::metric()
        .filter_map(|code| Some((before(code)?, code)))
        .flat_map(|(head, code)| {
            std::iter::once("")
                .chain(table::prefixes())
                .filter(move |prefix| head.eq_ignore_ascii_case(prefix))
                .map(move |prefix| (prefix, code))
        });
    plain
        .chain(metric)
        .map(|(prefix, code)| format!("{prefix}{code}"))
        .filter(|code| false_friend(code).is_none())
        .min_by_key(|code| {
            code.bytes()
                .zip(symbol.bytes())
                .filter(|(a, b)| a != b)
                .count()
        })
}

/// `ppm` is `[ppm]`, `[mi]` is `[mi_i]`.
fn bracketed(symbol: &str) -> Option<String> {
    let inner = symbol.trim_matches(['[', ']']);
    ["", "_i", "_us", "_av"]
        .iter()
        .map(|suffix| format!("[{inner}{suffix}]"))
        .find(|code| is_unit(code))
}

/// `µs` is `us`, whichever of its two code points the micro sign has.
fn latin(symbol: &str) -> Option<String> {
    let ascii = symbol
        .replace(['\u{b5}', '\u{3bc}'], "u")
        .replace(['\u{3a9}', '\u{2126}'], "Ohm");
    if is_unit(&ascii) {
        return Some(ascii);
    }
    if ascii == symbol {
        return None;
    }
    product(&ascii).or_else(|| prefixed_name(&ascii))
}

/// The code or name one slip away. A short word is one slip away from too
/// many codes to be worth a guess, and most words are no slip at all.
fn typo(symbol: &str) -> Option<String> {
    let word = symbol.chars().all(|c| c.is_ascii_lowercase());
    let (shortest_symbol, shortest) = if word { (5, 6) } else { (3, 3) };
    let close = |candidate: &str| {
        candidate.len() >= shortest
            && symbol.len() >= shortest_symbol
            && candidate.len().abs_diff(symbol.len()) <= 1
            // A slip rarely hits the first letter; `bounce` is no `ounce`.
            && candidate.chars().next() == symbol.chars().next()
            && strsim::osa_distance(candidate, symbol) == 1
    };
    let mut codes = table::metric().chain(table::plain());
    if let Some(code) = codes.find(|code| close(code)) {
        return Some(code.to_owned());
    }
    let mut names = NAMES.iter().chain(PREFIXABLE);
    let (code, _) = names.find(|(_, names)| names.split(' ').any(close))?;
    Some((*code).to_owned())
}

/// The text for braces around the name of something that is counted. The
/// convention is the singular, where taking an `s` away is sure to give it.
fn counted(word: &str) -> Option<String> {
    let text: String = word
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .collect();
    let fits = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !fits || !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let singular = text.strip_suffix('s').filter(|stem| {
        stem.len() > 2 && stem.ends_with(|c: char| c.is_ascii_lowercase() && !"aeious".contains(c))
    });
    Some(singular.unwrap_or(&text).to_owned())
}

/// Every code the tables lead to.
#[cfg(test)]
pub(super) fn targets() -> impl Iterator<Item = &'static str> {
    let names = NAMES.iter().chain(PREFIXABLE).map(|(code, _)| *code);
    names.chain(FALSE_FRIENDS.iter().map(|(_, _, code)| *code))
}

/// Every word the tables know.
#[cfg(test)]
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    let rows = NAMES.iter().chain(PREFIXABLE);
    rows.flat_map(|(_, names)| names.split(' '))
}
