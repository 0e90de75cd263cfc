//! From one raw JSON text to one value.

use serde_json::value::RawValue;

use super::UnreadReason;

/// More than any value of a field has; longer texts are not even decoded.
const MAX_BYTES: usize = 4096;

/// A JSON value that a field can have.
#[derive(Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Bool(bool),
    /// As it is written: a conversion knows what it loses.
    Number(&'a str),
    /// Unescaped, and not one of the texts that stand for no value.
    Text(String),
}

impl<'a> Json<'a> {
    /// `None` for what stands for no value: `null`, empty and blank texts, `<invalid>`.
    pub(crate) fn of(raw: &'a RawValue) -> Result<Option<Self>, UnreadReason> {
        let raw = raw.get();
        Ok(match raw.as_bytes().first() {
            Some(b'n') => None,
            Some(b't') => Some(Json::Bool(true)),
            Some(b'f') => Some(Json::Bool(false)),
            Some(b'"') if raw.len() <= MAX_BYTES => {
                // Fails for half a surrogate pair.
                let text: String =
                    serde_json::from_str(raw).map_err(|_| UnreadReason::WrongType)?;
                let word = text.trim();
                let none = word.is_empty() || word.eq_ignore_ascii_case("<invalid>");
                (!none).then_some(Json::Text(text))
            }
            Some(b'-' | b'0'..=b'9') if raw.len() <= MAX_BYTES => Some(Json::Number(raw)),
            Some(b'-' | b'0'..=b'9') => return Err(UnreadReason::OutOfRange),
            _ => return Err(UnreadReason::WrongType),
        })
    }
}

/// A value that a field can have.
pub(crate) trait Value: Sized {
    /// Whether it is read only if private texts are.
    const PRIVATE: bool = false;

    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason>;
}

/// A number, or one in a text. A truth is no quantity.
impl Value for f64 {
    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason> {
        match json {
            Json::Number(digits) => float(digits),
            Json::Text(text) => float(text.trim()),
            Json::Bool(_) => Err(UnreadReason::WrongType),
        }
        .map(Some)
    }
}

/// A whole number, however it is written (`3`, `3.0`, `"3"`); 0 and 1 for `false` and `true`, which
/// old firmware has where there are levels now.
impl Value for i64 {
    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason> {
        match json {
            Json::Number(digits) => integer(digits),
            Json::Text(text) => integer(text.trim()),
            Json::Bool(level) => Ok(i64::from(level)),
        }
        .map(Some)
    }
}

/// A truth, or a number that is not 0, each also in a text.
impl Value for bool {
    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason> {
        match json {
            Json::Bool(truth) => Ok(truth),
            Json::Number(digits) => float(digits).map(|number| number != 0.0),
            Json::Text(text) => match text.trim() {
                word if word.eq_ignore_ascii_case("true") => Ok(true),
                word if word.eq_ignore_ascii_case("false") => Ok(false),
                word => float(word).map(|number| number != 0.0),
            },
        }
        .map(Some)
    }
}

fn float(text: &str) -> Result<f64, UnreadReason> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(UnreadReason::OutOfRange),
        Err(_) => Err(UnreadReason::WrongType),
    }
}

fn integer(text: &str) -> Result<i64, UnreadReason> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(number);
    }
    let number = float(text)?;
    if number.fract() != 0.0 {
        return Err(UnreadReason::WrongType);
    }
    // Both are powers of two, so that the comparison is exact.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if (-END..END).contains(&number) {
        Ok(number as i64)
    } else {
        Err(UnreadReason::OutOfRange)
    }
}

/// The word by which a state is told: a text, or a whole number's digits.
pub(crate) fn word(json: Json<'_>) -> Result<String, UnreadReason> {
    match json {
        Json::Text(text) => Ok(text),
        Json::Number(digits) => match integer(digits) {
            Ok(number) => Ok(number.to_string()),
            Err(_) => Err(UnreadReason::UnknownState),
        },
        Json::Bool(_) => Err(UnreadReason::WrongType),
    }
}

/// Whether two words are the same but for case, `_`, `-`, `/` and spaces: `FlashingGreen` is
/// `flashing_green`.
pub(crate) fn same_word(a: &str, b: &str) -> bool {
    fn letters(word: &str) -> impl Iterator<Item = char> + '_ {
        let between = |c: &char| matches!(c, '_' | '-' | '/') || c.is_whitespace();
        word.chars()
            .filter(move |c| !between(c))
            .map(|c| c.to_ascii_lowercase())
    }
    letters(a).eq(letters(b))
}

/// Declares an enum of states with the words by which an answer tells them: the variant's own name
/// (see [`same_word`]) and those that are given beside it.
macro_rules! states {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident $(= $($spelling:literal)|+)?, )+
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, metric_core::MetricState)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $crate::model::lenient::Value for $name {
            fn from_json(
                json: $crate::model::lenient::Json<'_>,
            ) -> Result<Option<Self>, $crate::model::UnreadReason> {
                let word = $crate::model::lenient::word(json)?;
                let is = |spelling: &str| $crate::model::lenient::same_word(&word, spelling);
                $(
                    if is(stringify!($variant)) $($(|| is($spelling))+)? {
                        return Ok(Some(Self::$variant));
                    }
                )+
                Err($crate::model::UnreadReason::UnknownState)
            }
        }
    )+};
}

pub(crate) use states;
