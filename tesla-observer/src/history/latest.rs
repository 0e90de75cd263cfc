//! What each vehicle reported last, for the page. It needs no database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::watch;

use super::report::{Report, Vehicle, reports};
use crate::telemetry::Sink;

/// What each vehicle reported last. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Latest(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reports: Mutex<BTreeMap<Vehicle, Arc<Report>>>,
    changes: watch::Sender<u64>,
}

impl Default for Latest {
    fn default() -> Self {
        Self(Arc::new(Inner {
            reports: Mutex::default(),
            changes: watch::Sender::new(0),
        }))
    }
}

impl Latest {
    /// The last report of each vehicle, by name.
    pub fn reports(&self) -> Vec<Arc<Report>> {
        self.lock().values().map(Arc::clone).collect()
    }

    /// The last report of the vehicle with this [key](Vehicle::key).
    pub fn report(&self, key: &str) -> Option<Arc<Report>> {
        let reports = self.lock();
        let mut of_it = reports.values().filter(|own| own.vehicle.key() == key);
        let first = of_it.next()?;
        let latest = of_it.fold(first, |latest, own| match own.time_ms > latest.time_ms {
            true => own,
            false => latest,
        });
        Some(Arc::clone(latest))
    }

    /// Changes with each report.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vehicle, Arc<Report>>> {
        self.0
            .reports
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes reports.
    pub fn put(&self, reports: Vec<Report>) {
        let mut latest = self.lock();
        for report in reports {
            // One that was renamed is not two.
            if report.vehicle.vin.is_some() {
                latest.retain(|own, _| own.vin != report.vehicle.vin);
            }
            latest.insert(report.vehicle.clone(), Arc::new(report));
        }
        drop(latest);
        self.0.changes.send_modify(|count| *count += 1);
    }
}

impl Sink for Latest {
    fn take(&self, metrics: &ResourceMetrics) {
        self.put(reports(metrics));
    }
}
