//! No two metrics have one name.

use super::fail;
use crate::schema::{Group, Name, Schema};

/// How many places the table of names has: a power of two, more than any tree has metrics.
const PLACES: usize = 4096;

/// A hash table of all names that were seen, without regard to case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    root: &'a Schema,
    hashes: [u64; PLACES],
    indices: [u16; PLACES],
    len: usize,
    /// Names are only gathered: what is wrong with them is said elsewhere.
    pub(super) silent: bool,
    /// There was no room for all; said of the group that passed the limit.
    pub(super) full: bool,
}

/// FNV-1a: small, and good enough for a table whose hits are compared in full.
pub(super) const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;

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
    pub(super) const fn new(root: &'a Schema) -> Self {
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
    pub(super) const fn add_schema(&mut self, schema: &Schema, start: u64) {
        self.add_metrics(schema, start);
        let mut i = 0;
        while i < schema.groups.len() {
            self.add_group(&schema.groups[i], start);
            i += 1;
        }
    }

    #[track_caller]
    pub(super) const fn add_group(&mut self, group: &Group, start: u64) {
        self.add_schema(group.schema, hash(start, group.prefix));
    }

    #[track_caller]
    pub(super) const fn add_metrics(&mut self, schema: &Schema, start: u64) {
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
