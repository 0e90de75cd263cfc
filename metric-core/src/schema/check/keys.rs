//! No metric has two attributes of one key.

use super::{equal, fail};
use crate::schema::{Group, STATE, Schema};

/// How many attribute keys a metric may have.
const MAX_KEYS: usize = 64;

/// The attribute keys on the way from the root to a metric.
pub(super) struct Keys {
    root: &'static str,
    keys: [&'static str; MAX_KEYS],
    len: usize,
}

impl Keys {
    pub(super) const fn new(root: &Schema) -> Self {
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
    pub(super) const fn add_all(&mut self, schema: &Schema) {
        let name = schema.type_name;
        let mut i = 0;
        while i < schema.attributes.len() {
            self.add(schema.attributes[i].key, name, &["`", name, "` itself"]);
            i += 1;
        }
    }
}

#[track_caller]
pub(super) const fn check_keys(schema: &Schema, keys: &mut Keys) {
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
pub(super) const fn check_metric_keys(schema: &Schema, keys: &mut Keys) {
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
pub(super) const fn check_group_keys(group: &Group, keys: &mut Keys) {
    let before = keys.len;
    if let Some(key) = group.key {
        let giver = ["the key of the field `", group.field, "`"];
        keys.add(key, group.schema.type_name, &giver);
    }
    check_keys(group.schema, keys);
    keys.len = before;
}
