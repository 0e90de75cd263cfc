//! Fleets: members of one type that report when they have something new.
//!
//! A report is pushed exactly once, when it is fresh; a reader that pulls sees the latest one. The
//! SDK can do either, but not both with one provider, so that there are two of everything.

mod pull;
mod push;
mod side;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metric_core::MetricCollector;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;

use pull::Pull;
use push::Push;

pub(super) use pull::Scrape;
pub(super) use push::{Collect, Reported};

/// Why the SDK or Prometheus would not take a fleet's metrics.
pub(super) type RegistrationError = Box<dyn std::error::Error + Send + Sync>;

/// The members of one type, of which each reports when it has something new.
///
/// There may be any number of members: what is under them grows. Clones are handles to the same
/// fleet.
pub struct Fleet<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    push: Option<Arc<Push<T>>>,
    pull: Option<Arc<Pull<T>>>,
    next: AtomicU64,
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Fleet<T> {
    pub(super) fn new(
        resource: &Resource,
        push: bool,
        pull: bool,
    ) -> Result<Self, RegistrationError> {
        Ok(Fleet {
            shared: Arc::new(Shared {
                push: match push {
                    true => Some(Arc::new(Push::new(resource)?)),
                    false => None,
                },
                pull: match pull {
                    true => Some(Arc::new(Pull::new(resource)?)),
                    false => None,
                },
                next: AtomicU64::new(0),
            }),
        })
    }

    pub(super) fn scrape(&self) -> Option<Arc<dyn Scrape>> {
        let pull = self.shared.pull.clone()?;
        Some(pull)
    }

    /// Adds a member, whose series carry `attributes`. Members must differ in them.
    pub fn member(&self, attributes: Vec<KeyValue>) -> FleetMember<T> {
        FleetMember {
            identity: Arc::new(Identity {
                id: self.shared.next.fetch_add(1, Ordering::Relaxed),
                gone: AtomicBool::new(false),
                attributes: Mutex::new(attributes.into()),
            }),
            fleet: Arc::clone(&self.shared),
        }
    }
}

impl<T> Clone for Fleet<T> {
    fn clone(&self) -> Self {
        Fleet {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> fmt::Debug for Fleet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("collector", &std::any::type_name::<T>())
            .finish_non_exhaustive()
    }
}

/// Who a member is. Its reports keep it, so that none is lost when the member is dropped.
#[derive(Debug)]
struct Identity {
    id: u64,
    gone: AtomicBool,
    attributes: Mutex<Arc<[KeyValue]>>,
}

impl Identity {
    fn attributes(&self) -> MutexGuard<'_, Arc<[KeyValue]>> {
        self.attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}

/// One of a [`Fleet`]. When it is dropped, its series end; what it has reported is still exported.
#[must_use = "the series of a member that is dropped end"]
pub struct FleetMember<T: MetricCollector + Clone + Send + Sync + 'static> {
    fleet: Arc<Shared<T>>,
    identity: Arc<Identity>,
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> FleetMember<T> {
    /// A report of what it is like now, to be handed to [`Telemetry::report`](super::Telemetry::report).
    pub fn report(&self, value: T) -> Report {
        Report(Box::new(push::MemberReport {
            push: self.fleet.push.clone(),
            pull: self.fleet.pull.clone(),
            attributes: Arc::clone(&self.identity.attributes()),
            identity: Arc::clone(&self.identity),
            value,
        }))
    }

    /// Ends its series on the Prometheus endpoint until the next report: what it reported last does
    /// not hold any more. To other destinations nothing is repeated anyway.
    pub fn clear(&self) {
        if let Some(pull) = &self.fleet.pull {
            pull.clear(self.identity.id);
        }
    }

    /// Gives its series other attributes from the next report on. The present series end.
    pub fn set_attributes(&self, attributes: Vec<KeyValue>) {
        *self.identity.attributes() = attributes.into();
        self.clear();
    }
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> Drop for FleetMember<T> {
    fn drop(&mut self) {
        self.identity.gone.store(true, Ordering::Release);
        if let Some(pull) = &self.fleet.pull {
            pull.remove(self.identity.id);
        }
    }
}

impl<T: MetricCollector + Clone + Send + Sync + 'static> fmt::Debug for FleetMember<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetMember")
            .field("collector", &std::any::type_name::<T>())
            .field("attributes", &self.identity.attributes())
            .finish_non_exhaustive()
    }
}

/// What a member is like, to be exported once:
/// [`Telemetry::report`](super::Telemetry::report).
#[must_use = "a report that is not handed to `Telemetry::report` is not exported"]
pub struct Report(pub(super) Box<dyn Reported>);

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report(..)")
    }
}
