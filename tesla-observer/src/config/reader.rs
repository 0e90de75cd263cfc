//! Reads settings into their types, and keeps what is wrong with each, so that all errors come at once.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

use super::given::{ConfigError, Given, Source, Value};

/// One effective setting, to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The setting's name, or the variable of one that has no name.
    pub name: String,
    /// Its value as text; `None` for one that is not set. Secrets are not in it.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// Reads what was given.
pub(super) struct Reader<'a> {
    pub(super) given: &'a Given,
    pub(super) errors: Vec<ConfigError>,
    pub(super) effective: Vec<Effective>,
}

/// What stands for a secret where settings are printed.
const HIDDEN: &str = "(hidden)";

impl<'a> Reader<'a> {
    pub(super) fn new(given: &'a Given) -> Self {
        Self {
            given,
            errors: Vec::new(),
            effective: Vec::new(),
        }
    }

    fn note(&mut self, name: &str, value: Option<&Value>) {
        self.effective.push(Effective {
            name: name.to_owned(),
            value: value.map(|value| shown(&value.text)),
            source: value.map_or(Source::Default, |value| value.source.clone()),
        });
    }

    /// What a setting that nobody said anything of comes to.
    pub(super) fn found(&mut self, name: &str, value: impl std::fmt::Display) {
        let unsaid = |effective: &&mut Effective| {
            effective.name == name && effective.source == Source::Default
        };
        if let Some(effective) = self.effective.iter_mut().find(unsaid) {
            effective.value = Some(value.to_string());
        }
    }

    /// The setting as `parse` reads it; an error is noted, and nothing is returned.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.given.value(name, &mut self.errors);
        self.note(name, value.as_ref());
        self.parsed(&value?, parse)
    }

    /// A variable without a flag.
    pub(super) fn variable<T>(
        &mut self,
        variable: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.given.variable(variable, &mut self.errors)?;
        self.note(variable, Some(&value));
        self.parsed(&value, parse)
    }

    fn parsed<T>(
        &mut self,
        value: &Value,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(value.text.trim()) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.errors.push(value.wrong(problem));
                None
            }
        }
    }

    /// Whether somebody said something of it.
    pub(super) fn is_said(&mut self, name: &str) -> bool {
        self.given.said(name, &mut Vec::new()).is_some()
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.read(name, |text| Ok(text.to_owned()))
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        self.read(name, switch).unwrap_or_default()
    }

    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.read(name, |text| Ok(PathBuf::from(text)))
    }

    /// A secret. Only that there is one is noted.
    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        let secret = self.given.secret(name, &mut self.errors);
        self.note_secret(name, secret.as_ref());
        secret.map(|(secret, _)| secret)
    }

    /// A secret from a variable without a flag.
    pub(super) fn secret_variable(&mut self, variable: &str) -> Option<(SecretString, Source)> {
        let secret = self.given.secret_variable(variable, &mut self.errors)?;
        self.note_secret(variable, Some(&secret));
        Some(secret)
    }

    fn note_secret(&mut self, name: &str, secret: Option<&(SecretString, Source)>) {
        self.effective.push(Effective {
            name: name.to_owned(),
            value: secret.map(|_| HIDDEN.to_owned()),
            source: secret.map_or(Source::Default, |(_, source)| source.clone()),
        });
    }

    /// Notes an error of a setting: at the flag or the variable that was given, or else at its first
    /// variable.
    pub(super) fn wrong(&mut self, name: &str, problem: impl Into<String>) {
        let is_secret = super::setting::setting(name).is_some_and(|setting| setting.secret);
        // That something is wrong with a secret is no reason to show it.
        let source = match is_secret {
            true => self
                .given
                .secret(name, &mut Vec::new())
                .map(|(_, source)| source),
            false => self
                .given
                .said(name, &mut Vec::new())
                .map(|value| value.source),
        };
        let at = match source {
            Some(source) => source.to_string(),
            None => super::setting::setting(name)
                .and_then(|setting| setting.variables.first())
                .map_or_else(|| format!("--{name}"), |variable| (*variable).to_owned()),
        };
        self.errors.push(ConfigError {
            at,
            problem: problem.into(),
        });
    }
}

/// A value fit to be shown: the query of an address may have a key of access in it.
fn shown(text: &str) -> String {
    match text.split_once('?') {
        Some((address, query)) if address.contains("://") && !query.is_empty() => {
            format!("{address}?{HIDDEN}")
        }
        _ => text.to_owned(),
    }
}

/// `true` or `false`, in the words that people use. `IS_MOCK=false` means false.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("is {text:?}: write true or false")),
    }
}

/// Minutes, with a fraction if need be.
pub(super) fn minutes(text: &str) -> Result<Duration, String> {
    const MOST: f64 = 527_040.0;
    match text.parse::<f64>() {
        Ok(minutes) if minutes > MOST => Err(format!("is {text:?}: that is more than a year")),
        Ok(minutes) if minutes >= 0.0 => Ok(Duration::from_secs_f64(minutes * 60.0)),
        _ => Err(format!(
            "is {text:?}: write a number of minutes, such as 15 or 2.5"
        )),
    }
}

/// Seconds, or 0 for none.
pub(super) fn seconds_or_none(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Ok(Duration::ZERO),
        _ => seconds(text),
    }
}

/// Seconds, with a fraction if need be.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("is {text:?}: write a number of seconds above 0, such as 300 or 2.5");
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if number.is_nan() || number < 0.01 {
        return Err(wrong());
    }
    // A year: whoever writes more has the unit wrong, and timers have their limits.
    match Duration::try_from_secs_f64(number) {
        Ok(duration) if duration <= Duration::from_secs(366 * 86_400) => Ok(duration),
        _ => Err(format!("is {text:?}: that is more than a year")),
    }
}

/// Milliseconds, as OpenTelemetry's variables have them.
pub(super) fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(number) if (1..=31_622_400_000).contains(&number) => Ok(Duration::from_millis(number)),
        _ => Err(format!(
            "is {text:?}: write a whole number of milliseconds above 0, such as 10000"
        )),
    }
}

/// An http or https URL.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let example = "write one such as https://example.com:4318";
    let url = Url::parse(text).map_err(|error| format!("is no URL ({error}): {example}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme {:?}: {example}", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "has a user or a password in it, which would end up in logs: use the headers"
                .to_owned(),
        );
    }
    Ok(url)
}

/// A number within bounds.
pub(super) fn number<T>(min: T, max: T) -> impl Fn(&str) -> Result<T, String>
where
    T: FromStr + PartialOrd + std::fmt::Display,
{
    move |text| match text.parse::<T>() {
        Ok(number) if number >= min && number <= max => Ok(number),
        _ => Err(format!("is {text:?}: write a number from {min} to {max}")),
    }
}

/// A number of bytes, or of KiB, MiB or GiB.
pub(super) fn size(least: u64) -> impl Fn(&str) -> Result<u64, String> {
    move |text| {
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => Some(1),
            "kib" => Some(1 << 10),
            "mib" => Some(1 << 20),
            "gib" => Some(1_u64 << 30),
            _ => None,
        };
        let number = digits.trim_end().parse::<u64>().ok();
        let bytes = number
            .zip(factor)
            .and_then(|(number, factor)| number.checked_mul(factor));
        bytes.filter(|bytes| *bytes >= least).ok_or_else(|| {
            format!(
                "is {text:?}: write a size such as 256MiB, in KiB, MiB or GiB, and at least {} KiB",
                least >> 10
            )
        })
    }
}

/// One of some words.
pub(super) fn one_of<T: Copy>(
    words: &'static [(&'static str, T)],
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let found = words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            format!("is {text:?}: write one of {}", words.join(", "))
        })
    }
}

/// `key=value,key=value`, values percent-decoded, as OpenTelemetry's variables have it. The error has
/// no value in it: it may be a secret.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .enumerate()
        .map(|(index, part)| {
            let wrong = |what: &str| {
                format!(
                    "{what} in part {}: write key=value, separated by commas",
                    index + 1
                )
            };
            let (key, value) = part.split_once('=').ok_or_else(|| wrong("has no ="))?;
            let key = key.trim();
            if key.is_empty() {
                return Err(wrong("has no key"));
            }
            let value = percent_decoded(value.trim())
                .ok_or_else(|| wrong("has a value that is not UTF-8"))?;
            Ok((key.to_owned(), value))
        })
        .collect()
}

/// `%41` is `A`; a `%` without two hexadecimal digits stays.
fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                decoded.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(decoded).ok()
}
