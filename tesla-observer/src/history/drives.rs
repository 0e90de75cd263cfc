//! Drives, worked out from the history.

use super::error::ReadError;
use super::read::Reader;

/// One drive.
#[derive(Clone, Debug, PartialEq)]
pub struct Drive {
    /// When it began, in milliseconds since the Unix epoch, as it was observed.
    pub from_ms: i64,
    /// When it ended; so far, if it goes on.
    pub until_ms: i64,
    /// Whether it goes on.
    pub goes_on: bool,
    /// How long it took by the car's own clock, in seconds.
    pub seconds: f64,
    /// How far, in miles, by the odometer.
    pub miles: Option<f64>,
    /// Energy used, in kWh.
    pub kwh: Option<f64>,
    /// State of charge at the start and at the end, in percent.
    pub percent: Option<(f64, f64)>,
    /// The highest speed, in miles per hour.
    pub fastest_mph: Option<f64>,
    /// Temperature outside, the mean, in °C.
    pub outside_celsius: Option<f64>,
}

/// The drives of a vehicle that began or went on in these times, the latest first.
///
/// # Errors
///
/// If the history cannot be read.
pub fn drives(
    reader: &Reader,
    vehicle: &str,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Drive>, ReadError> {
    todo!("{reader:?} {vehicle} {from_ms} {to_ms}")
}
