//! Some fields of a JSON object as they are written: the others are skipped and cost nothing. As values
//! of their own, many small ones would take a hundred times the memory of their text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// More than any token, name or error has. Longer texts are none.
const LONGEST_TEXT: usize = 64 * 1024;
/// The longest key that is unescaped: longer ones are not asked for.
const LONGEST_KEY: usize = 200;

/// The values of these keys, `null` being none; nothing at all if it is no object. The last of
/// several of one name counts, as in most readers of JSON.
pub(super) fn fields<'a, const N: usize>(
    json: &'a str,
    keys: [&str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    let mut found = [None; N];
    let mut deserializer = Deserializer::from_str(json);
    let object = Object {
        keys: &keys,
        found: &mut found,
    };
    object.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(found)
}

/// Gives each entry of an array as it is written; `None` if it is none, or one says so by not going on.
pub(super) fn each<'a>(json: &'a str, give: impl FnMut(&'a RawValue) -> Option<()>) -> Option<()> {
    let mut deserializer = Deserializer::from_str(json);
    deserializer.deserialize_seq(Array(give)).ok()?;
    deserializer.end().ok()
}

/// The text that it is; `None` if it is another value, or far too long.
pub(super) fn text(raw: &RawValue) -> Option<String> {
    let raw = raw.get();
    if !raw.starts_with('"') || raw.len() > LONGEST_TEXT {
        return None;
    }
    serde_json::from_str(raw).ok()
}

struct Object<'f, 'a> {
    keys: &'f [&'f str],
    found: &'f mut [Option<&'a RawValue>],
}

impl<'a> DeserializeSeed<'a> for Object<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        // Raw keys, so that one that is no text (half a surrogate pair) costs itself only.
        while let Some(raw) = map.next_key::<&'a RawValue>()? {
            let quoted = raw.get();
            let decoded = match quoted.len() <= LONGEST_KEY && quoted.contains('\\') {
                true => serde_json::from_str::<String>(quoted).ok(),
                false => None,
            };
            let key = decoded.as_deref().unwrap_or(quoted.trim_matches('"'));
            let place = self.keys.iter().position(|wanted| *wanted == key);
            match place.and_then(|place| self.found.get_mut(place)) {
                Some(found) => {
                    let value = map.next_value::<&'a RawValue>()?;
                    *found = (value.get() != "null").then_some(value);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Array<F>(F);

impl<'a, F: FnMut(&'a RawValue) -> Option<()>> Visitor<'a> for Array<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'a>>(mut self, mut seq: S) -> Result<(), S::Error> {
        while let Some(entry) = seq.next_element::<&'a RawValue>()? {
            (self.0)(entry).ok_or_else(|| serde::de::Error::custom("it is not gone on with"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> Option<[Option<&str>; 2]> {
        fields(json, ["a", "b"]).map(|found| found.map(|raw| raw.map(RawValue::get)))
    }

    #[test]
    fn fields_are_found_whatever_stands_beside_them() {
        for (json, a, b) in [
            (
                r#" {"a": [1, {"b": 2}], "b":"x"} "#,
                Some(r#"[1, {"b": 2}]"#),
                Some(r#""x""#),
            ),
            (r#"{"a":1,"a":2,"b":1,"b":null}"#, Some("2"), None),
            (r#"{"\u0061":1,"\ud800":"\ud800","":{}}"#, Some("1"), None),
            ("{}", None, None),
        ] {
            assert_eq!(found(json), Some([a, b]), "{json}");
        }
        for json in [
            "",
            "null",
            "[]",
            "7",
            r#""a""#,
            r#"{"a":1"#,
            r#"{"a":1} x"#,
            r#"{"a" 1}"#,
        ] {
            assert_eq!(found(json), None, "{json}");
        }
    }

    #[test]
    fn a_text_that_is_far_too_long_is_none() {
        let of_length = |length: usize| {
            let json = format!(r#"{{"a":"{}"}}"#, "x".repeat(length));
            let [raw] = fields(&json, ["a"]).expect("an object");
            text(raw.expect("a text")).map(|text| text.len())
        };
        assert_eq!(of_length(LONGEST_TEXT - 2), Some(LONGEST_TEXT - 2));
        assert_eq!(of_length(LONGEST_TEXT - 1), None);
    }
}
