//! What the page and the API show.

use std::time::SystemTime;

use super::health::HealthSource;
use super::page::Homes;
use crate::history::{Latest, ReadError, Readers, VehicleEntry, unix_ms};

/// What the page and the API show: the state of their routers.
#[derive(Clone, Debug)]
pub struct Site {
    /// What each vehicle reported last.
    pub latest: Latest,
    /// The history, if one is kept.
    pub history: Option<Readers>,
    /// How the observer is.
    pub health: HealthSource,
    /// Where cars are at home.
    pub(super) homes: Homes,
}

impl Site {
    /// What is to be shown.
    pub fn new(latest: Latest, history: Option<Readers>, health: HealthSource) -> Self {
        Self {
            latest,
            history,
            health,
            homes: Homes::default(),
        }
    }

    /// The vehicles in the history; none if there is no history.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) async fn known(&self) -> Result<Vec<VehicleEntry>, ReadError> {
        match &self.history {
            Some(readers) => readers.read(|reader| reader.vehicles()).await,
            None => Ok(Vec::new()),
        }
    }

    /// The key of the vehicle with this key, name or VIN.
    pub(super) async fn key_of(&self, called: &str) -> Result<Option<String>, ReadError> {
        let is_it = |vehicle: &crate::history::Vehicle| {
            vehicle.key() == called
                || vehicle.vehicle_id == called
                || vehicle.vin.as_deref() == Some(called)
        };
        let reports = self.latest.reports();
        if let Some(report) = reports.iter().find(|report| is_it(&report.vehicle)) {
            return Ok(Some(report.vehicle.key()));
        }
        let known = self.known().await?;
        let entry = known.iter().find(|entry| is_it(&entry.vehicle));
        Ok(entry.map(|entry| entry.vehicle.key()))
    }
}

/// Now, in milliseconds since the Unix epoch.
pub(super) fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}
