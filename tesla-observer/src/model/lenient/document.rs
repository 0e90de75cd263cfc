//! An answer, cut into the raw texts of its known fields.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Json, Unread, UnreadReason, Value};
use crate::model::ReadOptions;

/// More than any firmware adds at once; what is beyond is not told, so that no answer can fill the
/// memory with complaints.
const MAX_UNREAD: usize = 1000;

/// The longest part of an unknown key that is told, in characters.
const MAX_KEY: usize = 100;

/// What is known of an answer, by path (`charge_state.battery_level`).
#[derive(Debug, Default)]
pub(crate) struct Known {
    paths: HashMap<&'static str, Kind>,
    /// Each after the one that it is in, which is a matter of the alphabet.
    objects: BTreeSet<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Field,
    Object,
    /// Known, and not read.
    Skipped,
}

impl Known {
    /// Adds an object and, for each of some fields, the paths at which it can be.
    pub(crate) fn add(&mut self, object: &'static str, fields: &'static [&'static [&'static str]]) {
        self.add_object(object);
        for path in fields.iter().copied().flatten() {
            self.paths.insert(path, Kind::Field);
        }
    }

    /// Adds an object and those that it is in.
    fn add_object(&mut self, object: &'static str) {
        self.paths.insert(object, Kind::Object);
        if self.objects.insert(object)
            && let Some((outer, _)) = object.rsplit_once('.')
        {
            self.add_object(outer);
        }
    }

    /// Adds paths that are not read, unless they are.
    pub(crate) fn skip(&mut self, paths: &[&'static str]) {
        for path in paths {
            self.paths.entry(path).or_insert(Kind::Skipped);
        }
    }

    /// The path of `key` in `object` (empty for the answer itself), if it is known.
    fn find(&self, object: &str, key: &str) -> Option<(&'static str, Kind)> {
        // A dot in a key would make it the path of another field.
        if key.len() > MAX_KEY || key.contains('.') {
            return None;
        }
        let found = if object.is_empty() {
            self.paths.get_key_value(key)
        } else {
            self.paths.get_key_value(format!("{object}.{key}").as_str())
        };
        found.map(|(path, kind)| (*path, *kind))
    }
}

/// An answer, cut into the raw texts of its known fields.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    fields: HashMap<&'static str, &'a RawValue>,
    objects: HashSet<&'static str>,
    options: ReadOptions,
    unread: Vec<Unread>,
}

impl<'a> Document<'a> {
    /// Cuts `json`.
    ///
    /// # Errors
    ///
    /// If it is no JSON object.
    pub(crate) fn cut(
        json: &'a str,
        known: &Known,
        options: ReadOptions,
    ) -> Result<Self, serde_json::Error> {
        // serde_json would quote a text that stands there instead, whatever it says.
        let first = json.trim_start().chars().next();
        if first.is_some_and(|first| first != '{') {
            return Err(serde_json::Error::custom("it is not a JSON object"));
        }
        let mut document = Document {
            fields: HashMap::new(),
            objects: HashSet::new(),
            options,
            unread: Vec::new(),
        };
        document.cut_object("", json, known)?;
        for object in &known.objects {
            let Some(raw) = document.fields.remove(object) else {
                continue;
            };
            match raw.get().as_bytes().first() {
                Some(b'{') if document.cut_object(object, raw.get(), known).is_ok() => {
                    document.objects.insert(object);
                }
                Some(b'n') => {}
                _ => document.note((*object).to_owned(), UnreadReason::WrongType),
            }
        }
        Ok(document)
    }

    fn cut_object(
        &mut self,
        path: &'static str,
        json: &'a str,
        known: &Known,
    ) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let object = Object {
            document: self,
            path,
            known,
        };
        object.deserialize(&mut deserializer)?;
        deserializer.end()
    }

    /// Whether the answer has the object.
    pub(crate) fn has(&self, object: &str) -> bool {
        self.objects.contains(object)
    }

    /// The value at the first of these paths that has one.
    pub(crate) fn value<V: Value>(&mut self, paths: &[&'static str]) -> Option<V> {
        if V::PRIVATE && !self.options.private_texts {
            return None;
        }
        paths.iter().find_map(|path| {
            let raw = self.fields.get(path)?;
            let value = Json::of(raw).and_then(|json| json.map_or(Ok(None), V::from_json));
            value.unwrap_or_else(|reason| {
                self.note((*path).to_owned(), reason);
                None
            })
        })
    }

    /// What could not be read, in the order in which it was found.
    pub(crate) fn into_unread(self) -> Vec<Unread> {
        self.unread
    }

    fn note(&mut self, field: String, reason: UnreadReason) {
        if self.unread.len() < MAX_UNREAD {
            self.unread.push(Unread { field, reason });
        }
    }

    fn note_unknown(&mut self, object: &str, key: &str) {
        let mut field = String::new();
        if !object.is_empty() {
            field.push_str(object);
            field.push('.');
        }
        let mut characters = key.chars();
        for character in characters.by_ref().take(MAX_KEY) {
            if character.is_control() {
                field.extend(character.escape_default());
            } else {
                field.push(character);
            }
        }
        if characters.next().is_some() {
            field.push('…');
        }
        self.note(field, UnreadReason::UnknownField);
    }
}

/// One object, which is cut into the document.
struct Object<'d, 'a> {
    document: &'d mut Document<'a>,
    path: &'static str,
    known: &'d Known,
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
            let decoded = match quoted.contains('\\') {
                true => serde_json::from_str::<String>(quoted).ok(),
                false => None,
            };
            let key = match &decoded {
                Some(key) => key,
                None => quoted.trim_matches('"'),
            };
            match self.known.find(self.path, key) {
                Some((path, Kind::Field | Kind::Object)) => {
                    // The last of several of one name counts, as in most readers of JSON.
                    self.document.fields.insert(path, map.next_value()?);
                }
                Some((_, Kind::Skipped)) => {
                    map.next_value::<IgnoredAny>()?;
                }
                None => {
                    self.document.note_unknown(self.path, key);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
