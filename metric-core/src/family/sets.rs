//! The attribute sets of all points of a collection, kept from one collection to the next.
//!
//! A set is built, with all that this allocates, when a member or one of its attributes is new;
//! as long as the attributes stay as they are, a collection only compares.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use opentelemetry::KeyValue;

use super::slots::Identity;
use crate::Attribute;

/// The index of a set.
pub(crate) type SetId = u32;

/// Where in the schema a set stands. Two sets of the same place with the same attributes would
/// report the same series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The member's own attributes.
    Member,
    /// A group with a key, by the index of its first metric.
    Key(usize),
    /// The attributes of a group, by the index of its first metric.
    Group(usize),
    /// The attributes of one metric alone, by its index.
    Metric(usize),
}

#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) attributes: Arc<[KeyValue]>,
    /// Another set reports the same series; this one does not.
    pub(crate) duplicate: bool,
    place: Place,
    /// What this set adds to its parent, in the order in which the collector gives it.
    own: Box<[KeyValue]>,
    /// Tells this set from any other that had or will have the same index.
    serial: u64,
    parent: u64,
    hash: u64,
}

/// The sets of one place of the family, in the order in which they were visited last.
#[derive(Debug, Default)]
struct OfSlot {
    identity: Option<Arc<Identity>>,
    ids: Vec<SetId>,
}

/// How far a set is looked for that has moved, as a `HashMap`'s entries do.
const LOOK_AHEAD: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Sets {
    sets: Vec<Set>,
    vacant: Vec<SetId>,
    slots: Vec<OfSlot>,
    /// The place that is being visited, and how many of its sets were met so far.
    slot: usize,
    met: usize,
    serial: u64,
    changed: bool,
    departed: usize,
    hasher: RandomState,
    /// Reused by `find_duplicates`.
    seen: HashMap<u64, SetId>,
}

impl Sets {
    #[inline]
    pub(crate) fn get(&self, id: SetId) -> &Set {
        &self.sets[id as usize]
    }

    /// A collection begins.
    pub(crate) fn begin(&mut self) {
        self.changed = false;
        self.departed = 0;
    }

    /// How many members have gone since the last collection.
    pub(crate) fn departed(&self) -> usize {
        self.departed
    }

    /// The place `slot` has a member: returns the set of its own attributes.
    pub(crate) fn enter_slot(&mut self, slot: usize, identity: &Arc<Identity>) -> SetId {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, OfSlot::default);
        }
        (self.slot, self.met) = (slot, 0);
        let same = |known: &Arc<Identity>| Arc::ptr_eq(known, identity);
        if self.slots[slot].identity.as_ref().is_some_and(same) {
            self.met = 1;
            return self.slots[slot].ids[0];
        }
        self.leave_empty(slot);
        self.slots[slot].identity = Some(Arc::clone(identity));
        self.add(
            0,
            Place::Member,
            Box::new([]),
            Arc::clone(&identity.attributes),
        )
    }

    /// The member of the place was visited: what it did not use any more is forgotten.
    pub(crate) fn exit_slot(&mut self) {
        self.forget(self.slot, self.met);
    }

    /// The place `slot` has no member that reports.
    pub(crate) fn leave_empty(&mut self, slot: usize) {
        let known = self
            .slots
            .get_mut(slot)
            .and_then(|slot| slot.identity.take());
        if known.is_some() {
            self.departed += 1;
            self.forget(slot, 0);
        }
    }

    fn forget(&mut self, slot: usize, from: usize) {
        let Sets {
            sets,
            vacant,
            slots,
            ..
        } = self;
        for id in slots[slot].ids.drain(from..) {
            sets[id as usize].attributes = Arc::default();
            sets[id as usize].own = Box::default();
            vacant.push(id);
            self.changed = true;
        }
    }

    /// The set at `place` that adds `own` to `parent`; `conflict` is called if the two share a key.
    pub(crate) fn resolve(
        &mut self,
        parent: SetId,
        place: Place,
        own: &[Attribute<'_>],
        conflict: impl FnOnce(),
    ) -> SetId {
        let parent_serial = self.get(parent).serial;
        let ids = &mut self.slots[self.slot].ids;
        let end = ids.len().min(self.met + LOOK_AHEAD);
        let found = (self.met..end).find(|&at| {
            let set = &self.sets[ids[at] as usize];
            set.parent == parent_serial && set.place == place && is(&set.own, own)
        });
        if let Some(found) = found {
            ids.swap(self.met, found);
            self.met += 1;
            return ids[self.met - 1];
        }
        let own: Box<[KeyValue]> = own.iter().filter_map(|own| own.to_key_value()).collect();
        let attributes = merge(&self.get(parent).attributes, &own, conflict);
        self.add(parent_serial, place, own, attributes)
    }

    fn add(
        &mut self,
        parent: u64,
        place: Place,
        own: Box<[KeyValue]>,
        attributes: Arc<[KeyValue]>,
    ) -> SetId {
        self.serial += 1;
        self.changed = true;
        let set = Set {
            hash: self.hasher.hash_one((place, &attributes)),
            attributes,
            duplicate: false,
            place,
            own,
            serial: self.serial,
            parent,
        };
        let id = match self.vacant.pop() {
            Some(id) => {
                self.sets[id as usize] = set;
                id
            }
            None => {
                self.sets.push(set);
                (self.sets.len() - 1) as SetId
            }
        };
        self.slots[self.slot].ids.insert(self.met, id);
        self.met += 1;
        id
    }

    /// All members were visited: finds the sets that would report the same series twice, if any
    /// set has come or gone.
    pub(crate) fn end(&mut self) {
        if !self.changed {
            return;
        }
        self.seen.clear();
        for &id in self.slots.iter().flat_map(|slot| &slot.ids) {
            let set = &self.sets[id as usize];
            let first = *self.seen.entry(set.hash).or_insert(id);
            let other = &self.sets[first as usize];
            let duplicate =
                first != id && set.place == other.place && set.attributes == other.attributes;
            self.sets[id as usize].duplicate = duplicate;
        }
    }
}

/// Whether the present attributes are the ones that a set was built from.
#[inline]
fn is(known: &[KeyValue], now: &[Attribute<'_>]) -> bool {
    let mut known = known.iter();
    let present = now.iter().filter(|attribute| attribute.value.is_some());
    for attribute in present {
        match known.next() {
            Some(known) if attribute.is(known) => {}
            _ => return false,
        }
    }
    known.next().is_none()
}

/// The attributes of `parent` and `own`, sorted, each key once: the inner one counts.
fn merge(parent: &[KeyValue], own: &[KeyValue], conflict: impl FnOnce()) -> Arc<[KeyValue]> {
    let overridden = |outer: &KeyValue| own.iter().any(|own| own.key == outer.key);
    let kept = parent.iter().filter(|outer| !overridden(outer));
    let mut merged: Vec<KeyValue> = kept.chain(own).cloned().collect();
    if merged.len() < parent.len() + own.len() {
        conflict();
    }
    merged.sort_by(|a, b| a.key.cmp(&b.key));
    merged.into()
}
