//! The checks of a whole schema, in `const` evaluation: names, units, attribute keys, duplicates
//! anywhere in the flattened tree.
//!
//! Each runs in time that grows with the text, not with its square. All are `#[track_caller]`: the
//! compiler then shows the place of the check, and not these functions.

mod keys;
mod names;

use self::keys::{Keys, check_group_keys, check_keys, check_metric_keys};
use self::names::{HASH_START, Names};
use super::name::MAX_NAME;
use super::{Group, Kind, Metric, Schema};
use crate::Shape;

/// The longest unit that OpenTelemetry's SDK takes, in bytes.
const MAX_UNIT: usize = 63;

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
