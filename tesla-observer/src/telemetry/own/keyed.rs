//! Members of a family that are found by what they stand for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use metric_core::{Family, Member, MetricCollector};
use opentelemetry::KeyValue;

/// A family with a member for each key that has been met.
#[derive(Debug)]
pub(super) struct Keyed<K, T> {
    pub(super) family: Family<T>,
    members: Mutex<HashMap<K, Member<T>>>,
    attributes: fn(&K) -> Vec<KeyValue>,
}

impl<K, T> Keyed<K, T>
where
    K: Eq + Hash,
    T: MetricCollector + Clone + Default + Send + Sync + 'static,
{
    /// For as many keys as there can be, roughly: the SDK sets memory aside for them.
    pub(super) fn new(keys: usize, attributes: fn(&K) -> Vec<KeyValue>) -> Self {
        Keyed {
            family: Family::with_capacity(keys),
            members: Mutex::default(),
            attributes,
        }
    }

    pub(super) fn update(&self, key: K, change: impl FnMut(&mut T)) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let attributes = (self.attributes)(&key);
        let member = members
            .entry(key)
            .or_insert_with(|| self.family.member(attributes));
        member.update(change);
    }

    pub(super) fn update_all(&self, mut change: impl FnMut(&mut T)) {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        for member in members.values() {
            member.update(&mut change);
        }
    }

    /// What each member is now.
    pub(super) fn each(&self, mut take: impl FnMut(&K, &T)) {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, member) in members.iter() {
            if let Some(latest) = member.latest() {
                take(key, &latest);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn sum(&self, of: impl Fn(&K) -> bool, value: impl Fn(&T) -> u64) -> u64 {
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let chosen = members.iter().filter(|(key, _)| of(key));
        let latest = chosen.filter_map(|(_, member)| member.latest());
        latest.map(|own| value(&own)).sum()
    }
}
