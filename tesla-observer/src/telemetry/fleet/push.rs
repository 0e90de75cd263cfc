//! A fleet for destinations that are sent each report once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metric_core::MetricCollector;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use tracing::error;

use super::super::reader::Reader;
use super::pull::Pull;
use super::side::Side;
use super::{Identity, RegistrationError};

/// A report without its type.
pub(in super::super) trait Reported: Send {
    /// Shows it to readers that pull.
    fn publish(&self);

    /// The fleet that exports it, if anything is pushed.
    fn fleet(&self) -> Option<Arc<dyn Collect>>;

    /// The member that it is of, among its fleet's.
    fn member(&self) -> u64;

    /// Makes it part of its fleet's next collection.
    fn apply(self: Box<Self>);
}

/// A fleet without its type.
pub(in super::super) trait Collect: Send + Sync {
    /// Collects what has been applied since the last time; `None` if that is nothing.
    fn collect(&self) -> Option<ResourceMetrics>;
}

/// A fleet for destinations that are sent each report once. Only the exporting task touches it, so
/// that its lock is never waited for.
pub(super) struct Push<T>(Mutex<Fresh<T>>);

struct Fresh<T> {
    side: Side<T, Reader>,
    /// Who has reported since the last collection.
    members: Vec<u64>,
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Push<T> {
    pub(super) fn new(resource: &Resource) -> Result<Self, RegistrationError> {
        Ok(Push(Mutex::new(Fresh {
            side: Side::new(resource)?,
            members: Vec::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Fresh<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Collect for Push<T> {
    fn collect(&self) -> Option<ResourceMetrics> {
        let mut fresh = self.lock();
        let Fresh { side, members } = &mut *fresh;
        if members.is_empty() {
            return None;
        }
        let mut metrics;
        loop {
            metrics = ResourceMetrics::default();
            let generation = Arc::clone(side.generation());
            let lost = generation.over_limit();
            if let Err(error) = generation.exit.collect(&mut metrics) {
                error!("collecting a fleet's metrics failed: {error}; please report this");
                break;
            }
            if generation.over_limit() == lost {
                break;
            }
            // A member has more series of a metric than one. Nothing has been exported yet.
            side.grow();
            if Arc::ptr_eq(side.generation(), &generation) {
                break;
            }
        }
        // None of it is exported again when another member reports.
        for member in members.drain(..) {
            side.clear(member);
        }
        side.prune();
        Some(metrics)
    }
}

/// A report of a member.
pub(super) struct MemberReport<T> {
    pub(super) push: Option<Arc<Push<T>>>,
    pub(super) pull: Option<Arc<Pull<T>>>,
    pub(super) identity: Arc<Identity>,
    pub(super) attributes: Arc<[KeyValue]>,
    pub(super) value: T,
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Reported for MemberReport<T> {
    fn publish(&self) {
        if let Some(pull) = &self.pull {
            pull.set(&self.identity, &self.attributes, self.value.clone());
        }
    }

    fn fleet(&self) -> Option<Arc<dyn Collect>> {
        let push = self.push.clone()?;
        Some(push)
    }

    fn member(&self) -> u64 {
        self.identity.id
    }

    fn apply(self: Box<Self>) {
        let Some(push) = &self.push else {
            return;
        };
        let mut fresh = push.lock();
        fresh.members.push(self.identity.id);
        fresh.side.set(&self.identity, &self.attributes, self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fleet;
    use super::*;

    #[derive(Clone, Debug, Default, MetricCollector)]
    struct Car {
        #[metric]
        speed: f64,
    }

    #[test]
    fn members_that_are_gone_are_forgotten_once_their_last_report_is_exported() {
        let fleet = Fleet::<Car>::new(&Resource::builder_empty().build(), true, false)
            .expect("a fresh provider");
        let push = fleet.shared.push.clone().expect("it was asked for");
        let stays = fleet.member(vec![KeyValue::new("vin", "stays")]);
        let goes = fleet.member(vec![KeyValue::new("vin", "goes")]);
        let reports = [
            stays.report(Car { speed: 1.0 }),
            goes.report(Car { speed: 2.0 }),
        ];
        drop(goes);
        for report in reports {
            report.0.apply();
        }
        let points = push.collect().expect("both are exported");
        let request =
            opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest::from(
                &points,
            );
        assert_eq!(super::super::super::encode::Request::items(&request), 2);
        assert_eq!(push.lock().side.len(), 1);
        assert!(push.collect().is_none(), "nothing is new");
    }

    #[test]
    fn capacity_follows_the_members() {
        let fleet = Fleet::<Car>::new(&Resource::builder_empty().build(), true, false)
            .expect("a fresh provider");
        let push = fleet.shared.push.clone().expect("it was asked for");
        assert_eq!(push.lock().side.capacity(), 16);
        let members: Vec<_> = (0..100)
            .map(|n| fleet.member(vec![KeyValue::new("vin", n)]))
            .collect();
        for member in &members {
            member.report(Car::default()).0.apply();
        }
        assert_eq!(push.lock().side.capacity(), 128);
    }
}
