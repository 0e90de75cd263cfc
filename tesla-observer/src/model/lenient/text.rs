//! Texts: those that identify, and those that are private.

use std::fmt;

use metric_core::{AttributeValue, MetricAttribute};

use super::{Json, UnreadReason, Value};

/// The longest text that is read, in characters: they become attributes of metrics.
const MAX_CHARACTERS: usize = 256;

/// A text about the people in the vehicle: where they go, what they hear. Read only if
/// [`ReadOptions::private_texts`](crate::model::ReadOptions::private_texts) is set, and not shown by
/// [`Debug`](fmt::Debug).
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateText(String);

impl PrivateText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PrivateText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateText(…)")
    }
}

impl MetricAttribute for PrivateText {
    fn attribute(&self) -> Option<AttributeValue<'_>> {
        self.0.attribute()
    }
}

impl Value for PrivateText {
    const PRIVATE: bool = true;

    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason> {
        Ok(String::from_json(json)?.map(Self))
    }
}

/// A text that identifies, trimmed. A number is taken as it is written: `vehicle_name` and
/// `trim_badging` are numbers in some answers.
impl Value for String {
    fn from_json(json: Json<'_>) -> Result<Option<Self>, UnreadReason> {
        let text = match &json {
            Json::Text(text) => text.trim(),
            Json::Number(digits) => digits,
            Json::Bool(_) => return Err(UnreadReason::WrongType),
        };
        if text.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(UnreadReason::WrongType);
        }
        // They end up on terminals and in query languages.
        let harmless = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        Ok(Some(text.chars().map(harmless).collect()))
    }
}
