//! Drives, worked out from the history.

use std::time::SystemTime;

use super::error::ReadError;
use super::read::{Query, Reader};
use super::signal::{Clock, Interval, Signal, joined};
use super::{GOES_ON_MS, LOOK_BACK_MS, unix_ms};

/// How long a car may stand in park within one drive, in seconds of its clock: somebody gets in.
const STOP: f64 = 120.0;
/// How long nothing may be known of it within one drive, in seconds: a tunnel, an observer that was
/// started anew.
const UNKNOWN: f64 = 15.0 * 60.0;
/// A charge of less says too little of how much energy a mile of range is.
const ENOUGH_KWH: f64 = 2.0;

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
    /// Energy used, in kWh: what was taken from the battery by its own figure
    /// (`chargestate_energy_remaining`), if it has one; otherwise the rated range that was used, times
    /// the energy that a mile of it took when the car was last charged (exact to a few percent);
    /// otherwise the power over the time (as exact as it was asked often).
    pub kwh: Option<f64>,
    /// State of charge at the start and at the end, in percent.
    pub percent: Option<(f64, f64)>,
    /// The highest speed that was seen, in miles per hour.
    pub fastest_mph: Option<f64>,
    /// Temperature outside, the mean, in °C.
    pub outside_celsius: Option<f64>,
}

/// What drives are worked out from.
struct Signals {
    moving: Vec<Interval>,
    /// When it was read, in whatever gear.
    known: Vec<Interval>,
    clock: Clock,
    odometer: Signal,
    power: Signal,
    speed: Signal,
    level: Signal,
    range: Signal,
    remaining: Signal,
    outside: Signal,
    /// Energy for each mile of rated range, in kWh.
    per_mile: Option<f64>,
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
    let query = |metric| Query {
        vehicle,
        metric,
        from_ms: from_ms.saturating_sub(LOOK_BACK_MS),
        // One that goes on after that is told to its end.
        to_ms: to_ms.saturating_add(LOOK_BACK_MS),
    };
    let gear = query("drivestate_shift_state");
    let moving = Signal::states(reader, gear, &["d", "r", "n"])?;
    if moving.is_empty() {
        return Ok(Vec::new());
    }
    let read = |metric| Signal::read(reader, query(metric));
    let signals = Signals {
        moving,
        // A parked car names no gear.
        known: read("vehiclestate_odometer")?
            .0
            .iter()
            .map(|held| (held.from_ms, held.until_ms))
            .collect(),
        clock: Clock::new(&read("drivestate_timestamp")?),
        odometer: read("vehiclestate_odometer")?,
        power: read("drivestate_power")?,
        speed: read("drivestate_speed")?,
        level: read("chargestate_battery_level")?,
        range: read("chargestate_battery_range")?,
        remaining: read("chargestate_energy_remaining")?,
        outside: read("climatestate_outside_temp")?,
        per_mile: per_mile(
            &read("chargestate_charge_energy_added")?,
            &read("chargestate_charge_miles_added_rated")?,
        ),
    };
    let mut drives = worked_out(&signals, unix_ms(SystemTime::now()));
    drives.retain(|drive| drive.until_ms >= from_ms && drive.from_ms <= to_ms);
    drives.reverse();
    Ok(drives)
}

/// Energy for each mile of rated range, in kWh, by the last charge that says it well enough.
fn per_mile(added: &Signal, miles: &Signal) -> Option<f64> {
    let enough = added.0.iter().rev().filter(|held| held.value >= ENOUGH_KWH);
    enough
        .filter_map(|held| {
            let miles = miles.at(held.until_ms).filter(|miles| *miles > 1.0)?;
            Some(held.value / miles)
        })
        // Nothing on wheels needs less, or more.
        .find(|per_mile| (0.05..5.0).contains(per_mile))
}

fn worked_out(signals: &Signals, now_ms: i64) -> Vec<Drive> {
    let went_on = |until: i64, from: i64| {
        let pause = signals.clock.seconds(until, from);
        if pause <= STOP {
            return true;
        }
        let moved = || signals.odometer.at(from) > signals.odometer.at(until);
        // It was read in between, and not in gear.
        let read = |known: &Interval| known.1 > until && known.0 < from;
        pause <= UNKNOWN && moved() && !signals.known.iter().any(read)
    };
    let last = signals
        .odometer
        .0
        .last()
        .map_or(i64::MIN, |held| held.until_ms);
    joined(&signals.moving, went_on)
        .into_iter()
        .map(|interval| {
            let (from_ms, until_ms) = interval;
            let change = |signal: &Signal| {
                let start = signal.near(from_ms, until_ms)?;
                Some((start, signal.at(until_ms)?))
            };
            let miles = change(&signals.odometer).map(|(start, end)| end - start);
            let used = |(start, end): (f64, f64)| start - end;
            let by_range = || {
                let per_mile = signals.per_mile?;
                change(&signals.range).map(|range| used(range) * per_mile)
            };
            Drive {
                from_ms,
                until_ms,
                goes_on: until_ms >= last && now_ms - until_ms < GOES_ON_MS,
                seconds: signals.clock.seconds(from_ms, until_ms),
                miles: miles.filter(|miles| *miles >= 0.0),
                kwh: change(&signals.remaining)
                    .map(used)
                    .or_else(by_range)
                    .or_else(|| signals.power.times_hours(interval, &signals.clock)),
                percent: change(&signals.level),
                fastest_mph: signals.speed.highest(interval),
                outside_celsius: signals.outside.mean(interval),
            }
        })
        .collect()
}
