//! What each vehicle reported last, for the page. It needs no database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::watch;

use super::report::{Report, Vehicle, reports};
use super::texts::Texts;
use crate::telemetry::Sink;

/// The metrics of whether a vehicle can be asked, which it has also while it sleeps.
const ALWAYS: &str = "vehicle_";

/// What each vehicle reported last. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Latest(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    vehicles: Mutex<BTreeMap<Vehicle, Known>>,
    texts: Texts,
    changes: watch::Sender<u64>,
}

/// What is known of a vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Which vehicle.
    pub vehicle: Vehicle,
    /// What it reported last: perhaps only that it sleeps.
    pub now: Option<Arc<Report>>,
    /// What it reported last while it was awake.
    pub awake: Option<Arc<Report>>,
}

impl Default for Latest {
    fn default() -> Self {
        Self(Arc::new(Inner {
            vehicles: Mutex::default(),
            texts: Texts::default(),
            changes: watch::Sender::new(0),
        }))
    }
}

impl Latest {
    /// What is known of each vehicle, by name.
    pub fn known(&self) -> Vec<Known> {
        self.lock().values().cloned().collect()
    }

    /// The last report of each vehicle that has reported, by name.
    pub fn reports(&self) -> Vec<Arc<Report>> {
        let known = self.lock();
        known.values().filter_map(|own| own.now.clone()).collect()
    }

    /// Changes with each report.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Vehicle, Known>> {
        let vehicles = self.0.vehicles.lock();
        vehicles.unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes reports.
    pub fn put(&self, reports: impl IntoIterator<Item = Arc<Report>>) {
        let mut known = self.lock();
        for report in reports {
            let is_awake = report
                .values
                .iter()
                .any(|own| !own.metric.name.starts_with(ALWAYS));
            let own = entry(&mut known, &report.vehicle);
            if is_awake {
                own.awake = Some(Arc::clone(&report));
            }
            own.now = Some(report);
        }
        drop(known);
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// Takes what vehicles reported while they were awake, before this process began: of those of which
    /// nothing newer is known.
    pub fn remember(&self, reports: impl IntoIterator<Item = Arc<Report>>) {
        let mut known = self.lock();
        for report in reports {
            let own = entry(&mut known, &report.vehicle);
            if own.awake.is_none() {
                own.awake = Some(report);
            }
        }
        drop(known);
        self.0.changes.send_modify(|count| *count += 1);
    }
}

/// What is known of a vehicle. One that was renamed is not two.
fn entry<'a>(known: &'a mut BTreeMap<Vehicle, Known>, vehicle: &Vehicle) -> &'a mut Known {
    let mut before = None;
    if vehicle.vin.is_some() && !known.contains_key(vehicle) {
        let old = known.keys().find(|own| own.vin == vehicle.vin).cloned();
        before = old.and_then(|old| known.remove(&old));
    }
    known.entry(vehicle.clone()).or_insert_with(|| Known {
        vehicle: vehicle.clone(),
        now: before.as_ref().and_then(|own| own.now.clone()),
        awake: before.and_then(|own| own.awake),
    })
}

impl Sink for Latest {
    fn take(&self, metrics: &ResourceMetrics) {
        self.put(reports(metrics, &self.0.texts).into_iter().map(Arc::new));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{car, report};
    use super::*;

    #[test]
    fn what_a_sleeping_car_was_like_is_remembered() {
        let latest = Latest::default();
        let changes = latest.changes();
        latest.remember([report(1, &[("chargestate_battery_level", 60.0)])]);
        latest.put([report(5, &[("vehicle_state_online", 0.0)])]);
        let [known] = latest.known().try_into().expect("one car");
        assert_eq!(
            (
                known.now.map(|own| own.time_ms),
                known.awake.map(|own| own.time_ms)
            ),
            (Some(5), Some(1))
        );
        latest.put([report(
            7,
            &[
                ("vehicle_state_online", 1.0),
                ("chargestate_battery_level", 59.0),
            ],
        )]);
        // What is older than what has been reported does not count.
        latest.remember([report(2, &[("chargestate_battery_level", 60.0)])]);
        let [known] = latest.known().try_into().expect("one car");
        assert_eq!(known.awake.map(|own| own.time_ms), Some(7));
        assert!(changes.has_changed().expect("it is there"));
    }

    #[test]
    fn a_car_that_was_renamed_is_not_two() {
        let latest = Latest::default();
        latest.put([report(1, &[("chargestate_battery_level", 60.0)])]);
        let vehicle = Vehicle {
            vehicle_id: "Mo".to_owned(),
            ..car()
        };
        let renamed = Report {
            vehicle: vehicle.clone(),
            time_ms: 2,
            values: Vec::new(),
        };
        latest.put([Arc::new(renamed)]);
        let [known] = latest.known().try_into().expect("one car");
        assert_eq!(known.vehicle, vehicle);
        assert_eq!(known.awake.map(|own| own.time_ms), Some(1));
    }
}
