//! What the page and the API show.

use std::time::SystemTime;

use super::health::HealthSource;
use super::page::Homes;
use crate::history::{Latest, ReadError, Readers, Vehicle, VehicleEntry, unix_ms};

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

    /// The key of the vehicle with this key, VIN or name. A name is whatever its owner typed, also
    /// another's key or VIN: those are looked for first.
    pub(super) async fn key_of(&self, called: &str) -> Result<Option<String>, ReadError> {
        let mut vehicles: Vec<Vehicle> = self
            .latest
            .known()
            .into_iter()
            .map(|own| own.vehicle)
            .collect();
        vehicles.extend(self.known().await?.into_iter().map(|entry| entry.vehicle));
        let ways: [fn(&Vehicle, &str) -> bool; 3] = [
            |own, called| own.key() == called,
            |own, called| own.vin.as_deref() == Some(called),
            |own, called| own.vehicle_id == called,
        ];
        let mut found = ways
            .iter()
            .filter_map(|is_it| vehicles.iter().find(|own| is_it(own, called)));
        Ok(found.next().map(Vehicle::key))
    }
}

/// Now, in milliseconds since the Unix epoch.
pub(super) fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}
