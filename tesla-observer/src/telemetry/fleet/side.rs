//! A fleet as one reader sees it: a provider, a family on it, and the family's members, all of which
//! are replaced by larger ones when the fleet outgrows them.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use metric_core::{DropReason, Family, Member, MetricCollector};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::metrics::reader::MetricReader;
use prometheus::Registry;
use tracing::error;

use super::super::reader::Reader;
use super::{Identity, RegistrationError};

/// How many members there is room for at first: the SDK sets memory aside for each.
pub(super) const FIRST_CAPACITY: usize = 16;

/// Where a collection comes out.
pub(super) trait Exit: Sized + Send + Sync + 'static {
    type Reader: MetricReader;

    /// A new one, and the reader for the provider.
    fn open() -> Result<(Self::Reader, Self), RegistrationError>;
}

impl Exit for Reader {
    type Reader = Reader;

    fn open() -> Result<(Reader, Self), RegistrationError> {
        let reader = Reader::default();
        Ok((reader.clone(), reader))
    }
}

impl Exit for Registry {
    type Reader = PrometheusExporter;

    fn open() -> Result<(PrometheusExporter, Self), RegistrationError> {
        let registry = Registry::new();
        // Names stay as they are: dashboards know them. The resource is told with the observer's
        // own metrics.
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_units()
            .without_counter_suffixes()
            .without_target_info()
            .scope_info_enabled(false)
            .build()?;
        Ok((exporter, registry))
    }
}

/// A family on a provider of its own, for so many members.
pub(super) struct Generation<T, E> {
    pub(super) exit: E,
    family: Family<T>,
    /// Without it, there is nothing to collect.
    _provider: SdkMeterProvider,
}

impl<T, E> Generation<T, E>
where
    T: MetricCollector + Clone + Send + Sync + 'static,
    E: Exit,
{
    fn new(capacity: usize, resource: &Resource) -> Result<Self, RegistrationError> {
        let family = Family::with_capacity(capacity);
        let (reader, exit) = E::open()?;
        let provider = SdkMeterProvider::builder()
            .with_reader(reader)
            .with_resource(resource.clone())
            .with_view(family.view())
            .build();
        family.register(&provider.meter(env!("CARGO_PKG_NAME")))?;
        Ok(Generation {
            exit,
            family,
            _provider: provider,
        })
    }

    /// How many values had no place so far.
    pub(super) fn over_limit(&self) -> u64 {
        let dropped = self.family.dropped();
        let over = dropped
            .iter()
            .filter(|own| own.reason == DropReason::OverLimit);
        over.map(|own| own.count).sum()
    }
}

/// A fleet as one reader sees it.
pub(super) struct Side<T, E> {
    generation: Arc<Generation<T, E>>,
    members: HashMap<u64, Entry<T>>,
    resource: Resource,
}

struct Entry<T> {
    member: Member<T>,
    attributes: Arc<[KeyValue]>,
    identity: Weak<Identity>,
}

impl<T, E> Side<T, E>
where
    T: MetricCollector + Clone + Send + Sync + 'static,
    E: Exit,
{
    pub(super) fn new(resource: &Resource) -> Result<Self, RegistrationError> {
        Ok(Side {
            generation: Arc::new(Generation::new(FIRST_CAPACITY, resource)?),
            members: HashMap::new(),
            resource: resource.clone(),
        })
    }

    pub(super) fn generation(&self) -> &Arc<Generation<T, E>> {
        &self.generation
    }

    /// Sets a member that is there with these attributes; otherwise gives the value back.
    pub(super) fn set_known(
        &self,
        identity: &Identity,
        attributes: &Arc<[KeyValue]>,
        value: T,
    ) -> Result<(), T> {
        match self.members.get(&identity.id) {
            Some(entry) if Arc::ptr_eq(&entry.attributes, attributes) => {
                entry.member.set(value);
                Ok(())
            }
            _ => Err(value),
        }
    }

    /// Sets a member, which comes to be if need be.
    pub(super) fn set(&mut self, identity: &Arc<Identity>, attributes: &Arc<[KeyValue]>, value: T) {
        let Err(value) = self.set_known(identity, attributes, value) else {
            return;
        };
        // The former series, if there is one, ends before the new one begins.
        self.members.remove(&identity.id);
        let member = self.generation.family.member(attributes.iter().cloned());
        member.set(value);
        let entry = Entry {
            member,
            attributes: Arc::clone(attributes),
            identity: Arc::downgrade(identity),
        };
        self.members.insert(identity.id, entry);
        if self.members.len() > self.generation.family.capacity() {
            self.grow();
        }
    }

    pub(super) fn clear(&self, id: u64) {
        if let Some(entry) = self.members.get(&id) {
            entry.member.clear();
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.members.remove(&id);
    }

    /// Forgets members of which no handle and no report is left.
    pub(super) fn prune(&mut self) {
        self.members
            .retain(|_, entry| entry.identity.strong_count() > 0);
    }

    /// Moves all members, with what they report, to a family with twice the room.
    pub(super) fn grow(&mut self) {
        let capacity = self.generation.family.capacity().saturating_mul(2);
        let generation = match Generation::new(capacity, &self.resource) {
            Ok(generation) => generation,
            Err(error) => {
                // It could be registered before, on a provider just like this one.
                error!("growing a fleet to {capacity} members failed: {error}; please report this");
                return;
            }
        };
        for entry in self.members.values_mut() {
            let member = generation.family.member(entry.attributes.iter().cloned());
            if let Some(latest) = entry.member.latest() {
                member.set(T::clone(&latest));
            }
            entry.member = member;
        }
        self.generation = Arc::new(generation);
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.generation.family.capacity()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }
}
