//! The checks of a whole schema, in `const` evaluation: names, units, attribute keys, duplicates
//! anywhere in the flattened tree.
//!
//! Each runs in time that grows with the text, not with its square. All are `#[track_caller]`: the compiler
//! then shows the place of the check, and not these functions.

use super::name::{MAX_NAME, Name};
use super::{Group, Kind, Metric, STATE, Schema};
use crate::Shape;

/// The longest unit that OpenTelemetry's SDK takes, in bytes.
const MAX_UNIT: usize = 63;

/// How many places the table of names has: a power of two, more than any tree has metrics.
const PLACES: usize = 4096;

/// How many attribute keys a metric may have.
const MAX_KEYS: usize = 64;

/// Checks the whole schema, which may be written by hand.
#[track_caller]
pub(super) const fn check(schema: &Schema) {
    check_metrics(schema, 0);
    let mut keys = Keys::new(schema);
    check_keys(schema, &mut keys);
    let mut names = Names::new(schema);
    names.add_schema(schema, HASH_START);
}

/// Checks the groups of a derived schema one by one, each in itself and against what stands before
/// it: full names and attribute keys. What is wrong within a derived group was said where it was
/// derived; but if that one is generic, only where it is used is it known, and here.
#[derive(Clone, Copy, Debug)]
pub struct GroupChecks<'a> {
    schema: &'a Schema,
    names: Names<'a>,
}

impl<'a> GroupChecks<'a> {
    /// Begins with the schema's own metrics, which the derive has checked.
    pub const fn new(schema: &'a Schema) -> Self {
        let mut names = Names::new(schema);
        names.silent = true;
        names.add_metrics(schema, HASH_START);
        GroupChecks { schema, names }
    }

    /// With the group `index` among what stands before the next one.
    pub const fn and(mut self, index: usize) -> Self {
        self.names.silent = true;
        self.names.add_group(&self.schema.groups[index], HASH_START);
        self
    }

    /// Checks the group `index`, which is the next one.
    #[track_caller]
    pub const fn check(mut self, index: usize) {
        let group = &self.schema.groups[index];
        check_metrics(group.schema, check_prefix(group, 0));

        let mut keys = Keys::new(self.schema);
        keys.add_all(self.schema);
        check_group_keys(group, &mut keys);

        if !self.names.full {
            self.names.silent = false;
            self.names.add_group(group, HASH_START);
        }
    }
}

/// Checks the keys of a derived schema's own attributes against those of its own metrics.
#[doc(hidden)]
#[track_caller]
pub const fn check_own_keys(schema: &Schema) {
    let mut keys = Keys::new(schema);
    keys.add_all(schema);
    check_metric_keys(schema, &mut keys);
}

/// Checks the metrics of a schema, in front of whose names stand `before` characters.
#[track_caller]
const fn check_metrics(schema: &Schema, before: usize) {
    let mut i = 0;
    while i < schema.metrics.len() {
        check_metric(&schema.metrics[i], before);
        i += 1;
    }
    let mut i = 0;
    while i < schema.groups.len() {
        let group = &schema.groups[i];
        check_metrics(group.schema, check_prefix(group, before));
        i += 1;
    }
}

/// Checks a group's prefix, in front of which stand `before` characters, and returns how many
/// stand in front of the group's names.
#[track_caller]
const fn check_prefix(group: &Group, before: usize) -> usize {
    check_name(group.prefix, before, "the prefix `");
    before + group.prefix.len()
}

#[track_caller]
const fn check_metric(metric: &Metric, before: usize) {
    let name = metric.name;
    if before + name.len() > MAX_NAME {
        fail(&[
            "MC070: a full metric name is longer than 255 characters; its last part is `",
            name,
            "`",
        ]);
    }
    if name.is_empty() {
        fail(&["MC070: a metric has an empty name"]);
    }
    check_name(name, before, "the metric name `");
    if !metric.unit.is_ascii() || metric.unit.len() > MAX_UNIT {
        fail(&[
            "MC071: the unit of the metric `",
            name,
            "` is not valid: OpenTelemetry takes at most 63 ASCII characters",
        ]);
    }
    match (metric.kind, metric.shape) {
        (Kind::Gauge, _) | (_, Shape::U64 | Shape::F64) | (Kind::UpDownCounter, Shape::I64) => {}
        (Kind::Counter, _) => fail(&[
            "MC061: the counter `",
            name,
            "` may fall or is no quantity: its shape must be `Shape::U64` or `Shape::F64`, or use `Metric::gauge`",
        ]),
        (Kind::UpDownCounter, _) => fail(&[
            "MC062: the up-down counter `",
            name,
            "` is no quantity that adds up: use `Metric::gauge`",
        ]),
    }
}

/// Checks the characters of a name, or a part of it behind `before` other characters.
#[track_caller]
const fn check_name(name: &str, before: usize, what: &str) {
    let bytes = name.as_bytes();
    if before == 0 && !bytes.is_empty() && !bytes[0].is_ascii_alphabetic() {
        fail(&["MC070: ", what, name, "` does not begin with a letter"]);
    }
    let mut i = 0;
    while i < bytes.len() {
        if !(bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'_' | b'.' | b'-' | b'/')) {
            fail(&[
                "MC070: ",
                what,
                name,
                "` has a character that OpenTelemetry does not allow: use ASCII letters, digits, `_`, `.`, `-` and `/`",
            ]);
        }
        i += 1;
    }
}

/// The attribute keys on the way from the root to a metric.
struct Keys {
    root: &'static str,
    keys: [&'static str; MAX_KEYS],
    len: usize,
}

impl Keys {
    const fn new(root: &Schema) -> Self {
        Keys {
            root: root.type_name,
            keys: [""; MAX_KEYS],
            len: 0,
        }
    }

    /// Adds a key that `giver` gives to the metrics of `to`.
    #[track_caller]
    const fn add(&mut self, key: &'static str, to: &'static str, giver: &[&str; 3]) {
        if key.is_empty() {
            fail(&[
                "MC073: an attribute of the metrics of `",
                to,
                "` has an empty key",
            ]);
        }
        let mut i = 0;
        while i < self.len {
            if equal(self.keys[i], key) {
                let (within, root, by) = if equal(self.root, to) {
                    ("", "", "`: by its attributes, and by ")
                } else {
                    (
                        "` in the tree of `",
                        self.root,
                        "`: by what surrounds them, and by ",
                    )
                };
                fail(&[
                    "MC073: the attribute `",
                    key,
                    "` is given twice to the metrics of `",
                    to,
                    within,
                    root,
                    by,
                    giver[0],
                    giver[1],
                    giver[2],
                    "; give one of the two another key",
                ]);
            }
            i += 1;
        }
        if self.len == MAX_KEYS {
            fail(&[
                "MC073: more than 64 attributes on the metrics of `",
                to,
                "`",
            ]);
        }
        self.keys[self.len] = key;
        self.len += 1;
    }

    #[track_caller]
    const fn add_all(&mut self, schema: &Schema) {
        let name = schema.type_name;
        let mut i = 0;
        while i < schema.attributes.len() {
            self.add(schema.attributes[i].key, name, &["`", name, "` itself"]);
            i += 1;
        }
    }
}

#[track_caller]
const fn check_keys(schema: &Schema, keys: &mut Keys) {
    let before = keys.len;
    keys.add_all(schema);
    check_metric_keys(schema, keys);
    let mut i = 0;
    while i < schema.groups.len() {
        check_group_keys(&schema.groups[i], keys);
        i += 1;
    }
    keys.len = before;
}

#[track_caller]
const fn check_metric_keys(schema: &Schema, keys: &mut Keys) {
    let before = keys.len;
    let mut i = 0;
    while i < schema.metrics.len() {
        let metric = &schema.metrics[i];
        let own = metric.own_attribute_keys();
        let mut k = 0;
        while k < own.len() {
            let giver = if equal(own[k], STATE) && metric.info.is_empty() {
                ["the states of `", metric.name, "`, which it tells apart"]
            } else {
                ["the information metric `", metric.name, "`"]
            };
            keys.add(own[k], schema.type_name, &giver);
            k += 1;
        }
        keys.len = before;
        i += 1;
    }
}

#[track_caller]
const fn check_group_keys(group: &Group, keys: &mut Keys) {
    let before = keys.len;
    if let Some(key) = group.key {
        let giver = ["the key of the field `", group.field, "`"];
        keys.add(key, group.schema.type_name, &giver);
    }
    check_keys(group.schema, keys);
    keys.len = before;
}

/// A hash table of all names that were seen, without regard to case.
#[derive(Clone, Copy, Debug)]
struct Names<'a> {
    root: &'a Schema,
    hashes: [u64; PLACES],
    indices: [u16; PLACES],
    len: usize,
    /// Names are only gathered: what is wrong with them is said elsewhere.
    silent: bool,
    /// There was no room for all; said of the group that passed the limit.
    full: bool,
}

/// FNV-1a: small, and good enough for a table whose hits are compared in full.
const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

const fn hash(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i].to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3);
        i += 1;
    }
    hash
}

impl<'a> Names<'a> {
    const fn new(root: &'a Schema) -> Self {
        Names {
            root,
            hashes: [0; PLACES],
            indices: [0; PLACES],
            len: 0,
            silent: false,
            full: false,
        }
    }

    #[track_caller]
    const fn add_schema(&mut self, schema: &Schema, start: u64) {
        self.add_metrics(schema, start);
        let mut i = 0;
        while i < schema.groups.len() {
            self.add_group(&schema.groups[i], start);
            i += 1;
        }
    }

    #[track_caller]
    const fn add_group(&mut self, group: &Group, start: u64) {
        self.add_schema(group.schema, hash(start, group.prefix));
    }

    #[track_caller]
    const fn add_metrics(&mut self, schema: &Schema, start: u64) {
        let mut i = 0;
        while i < schema.metrics.len() {
            self.add(hash(start, schema.metrics[i].name));
            i += 1;
        }
    }

    /// Adds the next metric of the tree; metrics come in the order of their indices.
    #[track_caller]
    const fn add(&mut self, hash: u64) {
        if self.len == PLACES / 2 {
            if self.silent {
                self.full = true;
                return;
            }
            let root = self.root.type_name;
            fail(&[
                "MC074: the tree of `",
                root,
                "` has more than 2,048 metrics",
            ]);
        }
        // 0 marks a free place.
        let hash = if hash == 0 { 1 } else { hash };
        let mut place = (hash ^ (hash >> 32)) as usize % PLACES;
        while self.hashes[place] != 0 {
            let other = self.indices[place] as usize;
            if !self.silent && self.hashes[place] == hash {
                self.compare(other, self.len);
            }
            place = (place + 1) % PLACES;
        }
        self.hashes[place] = hash;
        self.indices[place] = self.len as u16;
        self.len += 1;
    }

    /// Fails if two metrics whose hashes are equal have the same name.
    #[track_caller]
    const fn compare(&self, first: usize, second: usize) {
        let (Some(a), Some(b)) = (self.root.name(first), self.root.name(second)) else {
            return;
        };
        let (name, root) = (b.as_str(), self.root.type_name);
        if !a.as_str().eq_ignore_ascii_case(name) {
            return;
        }
        let (a, b) = (field_path(self.root, first), field_path(self.root, second));
        let (a, b) = (a.as_str(), b.as_str());
        // Written by hand, metrics need not name their fields.
        if a.is_empty() || b.is_empty() {
            fail(&[
                "MC072: two metrics of `",
                root,
                "` have the name `",
                name,
                "`",
            ]);
        }
        fail(&[
            "MC072: two metrics have the name `",
            name,
            "`: the fields `",
            a,
            "` and `",
            b,
            "` of `",
            root,
            "`; give one of them another `name`, or its group a `flatten(prefix = \"…\")`",
        ]);
    }
}

/// The fields that lead to the metric `index`, with dots between them.
const fn field_path(mut schema: &Schema, mut index: usize) -> Name {
    let mut path = Name::new();
    while index >= schema.metrics.len() {
        let Some(group) = schema.group_of(index) else {
            return path;
        };
        index -= schema.group_offset(group);
        path = path.with(schema.groups[group].field).with(".");
        schema = schema.groups[group].schema;
    }
    path.with(schema.metrics[index].field)
}

pub(crate) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Panics with the parts as one message: `const` evaluation cannot format.
#[track_caller]
pub(crate) const fn fail(parts: &[&str]) -> ! {
    let mut message = [0_u8; 2048];
    let mut len = 0;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        // A part goes in whole or not at all, so that no character is cut.
        if len + bytes.len() <= message.len() {
            let mut i = 0;
            while i < bytes.len() {
                message[len] = bytes[i];
                len += 1;
                i += 1;
            }
        }
        part += 1;
    }
    match std::str::from_utf8(message.split_at(len).0) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("the schema is not valid"),
    }
}
