//! Charging sessions, worked out from the history.

use super::error::ReadError;
use super::read::Reader;

/// One charging session: from when the car began to charge until it ended, with pauses.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// When it began, in milliseconds since the Unix epoch, as it was observed.
    pub from_ms: i64,
    /// When it ended; so far, if it goes on.
    pub until_ms: i64,
    /// Whether it goes on.
    pub goes_on: bool,
    /// How long it took by the car's own clock, in seconds.
    pub seconds: f64,
    /// Energy that the battery took, in kWh.
    pub added_kwh: Option<f64>,
    /// Energy that the charger gave, in kWh, from its power over the time.
    pub used_kwh: Option<f64>,
    /// Rated miles added.
    pub miles: Option<f64>,
    /// State of charge at the start and at the end, in percent.
    pub percent: Option<(f64, f64)>,
    /// The highest power, in kW.
    pub highest_kw: Option<f64>,
    /// Whether it was by direct current.
    pub fast: Option<bool>,
}

/// The charging sessions of a vehicle that began or went on in these times, the latest first.
///
/// # Errors
///
/// If the history cannot be read.
pub fn charges(
    reader: &Reader,
    vehicle: &str,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Charge>, ReadError> {
    todo!("{reader:?} {vehicle} {from_ms} {to_ms}")
}
