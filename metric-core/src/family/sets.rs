//! The attribute sets of all points of a collection, kept from one collection to the next.
//!
//! A set is built, with all that this allocates, when a member or one of its attributes is new;
//! as long as the attributes stay as they are, a collection only compares.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use opentelemetry::KeyValue;

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
    /// Of the place and all attributes: tells series apart. By a keyed hash of 64 bits, so that
    /// two of them do not meet, by chance or on purpose.
    pub(crate) series: u64,
    /// There are no attributes.
    pub(crate) is_bare: bool,
    place: Place,
    /// What this set adds to its parent, in the order in which the collector gives it.
    own: Box<[KeyValue]>,
    /// Tells this set from any other that had or will have the same index.
    serial: u64,
    parent: u64,
    /// Under which `Sets::index` has it.
    key: u64,
    /// The collection in which it was met last.
    met: u64,
}

/// The sets of one place of the family, in the order in which they were met last.
#[derive(Debug, Default)]
struct OfSlot {
    /// `Identity::id`; 0 for none.
    member: u64,
    ids: Vec<SetId>,
}

#[derive(Debug, Default)]
pub(crate) struct Sets {
    sets: Vec<Set>,
    vacant: Vec<SetId>,
    /// Vacant from the next collection on: the last collection's points may still name them.
    leaving: Vec<SetId>,
    slots: Vec<OfSlot>,
    /// The sets by what they were built from, for when their order has changed, as that of a
    /// `HashMap` does.
    index: HashMap<u64, SetId>,
    hasher: RandomState,
    /// The place that is being visited, and its sets that were met so far.
    slot: usize,
    met: Vec<SetId>,
    collection: u64,
    serial: u64,
    /// A set has come or gone in this collection.
    changed: bool,
    /// Two sets of different members would report the same series.
    alike: bool,
    /// A set was met twice in this collection.
    repeated: bool,
    /// Reused by `end`.
    seen: HashSet<u64>,
}

impl Sets {
    #[inline]
    pub(crate) fn get(&self, id: SetId) -> &Set {
        &self.sets[id as usize]
    }

    /// A collection begins.
    pub(crate) fn begin(&mut self) {
        self.vacant.append(&mut self.leaving);
        self.collection += 1;
        self.changed = false;
        self.repeated = false;
    }

    /// The place `slot` has the member `member`: returns the set of its own attributes, which
    /// `attributes` gives if it is new here. `None` if it has gone meanwhile.
    pub(crate) fn enter_slot(
        &mut self,
        slot: usize,
        member: u64,
        attributes: impl FnOnce() -> Option<Arc<[KeyValue]>>,
    ) -> Option<SetId> {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, OfSlot::default);
        }
        self.slot = slot;
        self.met.clear();
        let OfSlot { member: known, ids } = &self.slots[slot];
        if let Some(&own) = ids.first()
            && *known == member
        {
            return Some(self.meet(own));
        }
        self.leave_empty(slot);
        let attributes = attributes()?;
        self.slots[slot].member = member;
        let key = self.key(0, Place::Member, &[]);
        Some(self.add(key, 0, Place::Member, Box::new([]), attributes))
    }

    /// The member of the place was visited: what it did not use any more is forgotten.
    pub(crate) fn exit_slot(&mut self) {
        let slot = self.slot;
        if self.slots[slot].ids != self.met {
            self.forget(slot);
            // Copied, so that each keeps its room and nothing is allocated the next time.
            self.slots[slot].ids.extend_from_slice(&self.met);
        }
    }

    /// The place `slot` has no member that reports.
    pub(crate) fn leave_empty(&mut self, slot: usize) {
        if let Some(known) = self.slots.get_mut(slot)
            && known.member != 0
        {
            known.member = 0;
            self.forget(slot);
        }
    }

    /// Forgets the sets of the place that were not met in this collection.
    fn forget(&mut self, slot: usize) {
        for id in self.slots[slot].ids.drain(..) {
            let set = &mut self.sets[id as usize];
            if set.met == self.collection {
                continue;
            }
            if let Entry::Occupied(entry) = self.index.entry(set.key)
                && *entry.get() == id
            {
                entry.remove();
            }
            set.attributes = Arc::default();
            set.own = Box::default();
            self.leaving.push(id);
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
        let fits =
            |set: &Set| set.parent == parent_serial && set.place == place && is(&set.own, own);
        // Nearly always, it is where it was in the last collection.
        let expected = self.slots[self.slot].ids.get(self.met.len());
        if let Some(&id) = expected
            && fits(self.get(id))
        {
            return self.meet(id);
        }
        let key = self.key(parent_serial, place, own);
        if let Some(&id) = self.index.get(&key)
            && fits(self.get(id))
        {
            return self.meet(id);
        }
        let own: Box<[KeyValue]> = own.iter().filter_map(|own| own.to_key_value()).collect();
        let attributes = merge(&self.get(parent).attributes, &own, conflict);
        self.add(key, parent_serial, place, own, attributes)
    }

    fn meet(&mut self, id: SetId) -> SetId {
        let set = &mut self.sets[id as usize];
        self.repeated |= set.met == self.collection;
        set.met = self.collection;
        self.met.push(id);
        id
    }

    /// What a set is found by: the member (whose parent is none, and so its place in the family),
    /// or the set that it adds to, and what it adds.
    fn key(&self, parent: u64, place: Place, own: &[Attribute<'_>]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        (self.slot, parent, place).hash(&mut hasher);
        for attribute in own.iter().filter(|attribute| attribute.value.is_some()) {
            attribute.hash_into(&mut hasher);
        }
        hasher.finish()
    }

    fn add(
        &mut self,
        key: u64,
        parent: u64,
        place: Place,
        own: Box<[KeyValue]>,
        attributes: Arc<[KeyValue]>,
    ) -> SetId {
        self.serial += 1;
        self.changed = true;
        let set = Set {
            series: self.hasher.hash_one((place, &attributes)),
            is_bare: attributes.is_empty(),
            attributes,
            place,
            own,
            serial: self.serial,
            parent,
            key,
            met: self.collection,
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
        self.index.insert(key, id);
        self.met.push(id);
        id
    }

    /// All members were visited. Returns whether two points may be of the same series.
    pub(crate) fn end(&mut self) -> bool {
        if self.changed {
            self.seen.clear();
            let ids = self.slots.iter().flat_map(|slot| &slot.ids);
            let mut series = ids.map(|&id| self.sets[id as usize].series);
            self.alike = !series.all(|series| self.seen.insert(series));
        }
        self.alike || self.repeated
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
