//! Charging sessions, worked out from the history.

use std::time::SystemTime;

use super::error::ReadError;
use super::read::{Held, Query, Reader};
use super::signal::{Clock, Interval, Signal, joined};
use super::{GOES_ON_MS, LOOK_BACK_MS, unix_ms};

/// How long nothing may be known of a car within one session, in seconds of its clock.
const UNKNOWN: f64 = 15.0 * 60.0;

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
    /// Energy that the battery took, in kWh, as the car counts it
    /// (`chargestate_charge_energy_added`).
    pub added_kwh: Option<f64>,
    /// Energy that the charger gave, in kWh: its power over the time, which the car tells in whole kW;
    /// as exact as it was asked often.
    pub used_kwh: Option<f64>,
    /// Rated miles added.
    pub miles: Option<f64>,
    /// State of charge at the start and at the end, in percent.
    pub percent: Option<(f64, f64)>,
    /// The highest power that was seen, in kW.
    pub highest_kw: Option<f64>,
    /// Whether it was by direct current.
    pub fast: Option<bool>,
}

struct Signals {
    charging: Vec<Interval>,
    /// When it was plugged in and did not charge, but was to.
    paused: Vec<Interval>,
    clock: Clock,
    added: Signal,
    miles: Signal,
    power: Signal,
    level: Signal,
    fast: Signal,
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
    let query = |metric| Query {
        vehicle,
        metric,
        from_ms: from_ms.saturating_sub(LOOK_BACK_MS),
        // One that goes on after that is told to its end.
        to_ms: to_ms.saturating_add(LOOK_BACK_MS),
    };
    let state = query("chargestate_charging_state");
    let charging = Signal::states(reader, state, &["charging"])?;
    if charging.is_empty() {
        return Ok(Vec::new());
    }
    let paused = ["starting", "calibrating", "stopped", "no_power"];
    let read = |metric| Signal::read(reader, query(metric));
    let signals = Signals {
        charging,
        // One pause may go through several states.
        paused: joined(&Signal::states(reader, state, &paused)?, |_, _| false),
        clock: Clock::new(&read("chargestate_timestamp")?),
        added: read("chargestate_charge_energy_added")?,
        miles: read("chargestate_charge_miles_added_rated")?,
        power: read("chargestate_charger_power")?,
        level: read("chargestate_battery_level")?,
        fast: read("chargestate_fast_charger_present")?,
    };
    let mut charges = worked_out(&signals, unix_ms(SystemTime::now()));
    charges.retain(|charge| charge.until_ms >= from_ms && charge.from_ms <= to_ms);
    charges.reverse();
    Ok(charges)
}

fn worked_out(signals: &Signals, now_ms: i64) -> Vec<Charge> {
    let went_on = |until: i64, from: i64| {
        let mut pauses = signals.paused.iter();
        if pauses.any(|own| own.0 <= until && own.1 >= from) {
            return true;
        }
        let is_short = signals.clock.seconds(until, from) <= UNKNOWN;
        let is_less = || signals.level.at(from) < signals.level.at(until);
        let read = |own: &Held| own.until_ms > until && own.from_ms < from;
        is_short && !is_less() && !signals.level.0.iter().any(read)
    };
    let last = signals
        .level
        .0
        .last()
        .map_or(i64::MIN, |held| held.until_ms);
    joined(&signals.charging, went_on)
        .into_iter()
        .map(|interval| {
            let (from_ms, until_ms) = interval;
            let start = signals.level.near(from_ms, until_ms);
            Charge {
                from_ms,
                until_ms,
                goes_on: until_ms >= last && now_ms - until_ms < GOES_ON_MS,
                seconds: signals.clock.seconds(from_ms, until_ms),
                added_kwh: signals.added.growth(interval),
                used_kwh: signals.power.times_hours(interval, &signals.clock),
                miles: signals.miles.growth(interval),
                percent: start.zip(signals.level.at(until_ms)),
                highest_kw: signals.power.highest(interval),
                fast: signals.fast.highest(interval).map(|present| present == 1.0),
            }
        })
        .collect()
}
