//! A fleet for readers that pull: each sees the latest reports.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use metric_core::MetricCollector;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use prometheus::Registry;
use prometheus::proto::MetricFamily;

use super::side::Side;
use super::{Identity, RegistrationError};

/// A fleet without its type.
pub(in super::super) trait Scrape: Send + Sync {
    /// Collects all members. Takes its time: not for the runtime's own threads.
    fn scrape(&self) -> Vec<MetricFamily>;
}

/// A fleet for readers that pull. The lock is never held while it is collected.
pub(super) struct Pull<T>(RwLock<Side<T, Registry>>);

impl<T: MetricCollector + Clone + Send + Sync + 'static> Pull<T> {
    pub(super) fn new(resource: &Resource) -> Result<Self, RegistrationError> {
        Ok(Pull(RwLock::new(Side::new(resource)?)))
    }

    pub(super) fn set(&self, identity: &Arc<Identity>, attributes: &Arc<[KeyValue]>, value: T) {
        let Err(value) = self.read().set_known(identity, attributes, value) else {
            return;
        };
        let mut side = self.write();
        // A report may outlive its member, but what it says holds no more.
        if !identity.is_gone() {
            side.set(identity, attributes, value);
        }
    }

    pub(super) fn clear(&self, id: u64) {
        self.read().clear(id);
    }

    pub(super) fn remove(&self, id: u64) {
        self.write().remove(id);
    }

    fn read(&self) -> RwLockReadGuard<'_, Side<T, Registry>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Side<T, Registry>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Scrape for Pull<T> {
    fn scrape(&self) -> Vec<MetricFamily> {
        loop {
            let generation = Arc::clone(self.read().generation());
            let lost = generation.over_limit();
            let families = generation.exit.gather();
            if generation.over_limit() == lost {
                return families;
            }
            // A member has more series of a metric than one. Only one of several scrapes makes room.
            let mut side = self.write();
            if Arc::ptr_eq(side.generation(), &generation) {
                side.grow();
                if Arc::ptr_eq(side.generation(), &generation) {
                    return families;
                }
            }
        }
    }
}
