//! What is answered.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::history;
use crate::web::health;

/// A vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Vehicle {
    /// What it is called in addresses and in `vehicle` of other questions.
    pub(super) key: String,
    /// Its name.
    pub(super) vehicle_id: String,
    /// Its VIN, or the hash of it, unless neither is exported.
    pub(super) vin: Option<String>,
    /// When it was seen first in the history.
    pub(super) first_ms: Option<i64>,
    /// When it has reported last.
    pub(super) last_ms: i64,
    /// What it has reported last, since the observer was started; nothing if it has not.
    pub(super) values: Vec<Value>,
}

/// A value.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Value {
    /// Of what.
    pub(super) metric: String,
    /// With which attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attributes: BTreeMap<String, String>,
    /// The value.
    pub(super) value: f64,
}

/// A metric.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Metric {
    /// Its name.
    pub(super) name: String,
    /// `gauge`, `counter` or `up-down counter`.
    pub(super) kind: String,
    /// Its unit, in UCUM; empty for none.
    pub(super) unit: String,
    /// What it means.
    pub(super) description: String,
    /// The keys of its attributes.
    pub(super) attributes: Vec<String>,
}

/// All series of a metric of a vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answer {
    /// The metric.
    pub(super) metric: String,
    /// The vehicle's key.
    pub(super) vehicle: String,
    /// From when.
    pub(super) from_ms: i64,
    /// Until when.
    pub(super) to_ms: i64,
    /// How long a step is; 0 if values are as they were reported.
    pub(super) step_ms: i64,
    /// One for each combination of attributes.
    pub(super) series: Vec<Series>,
}

/// One series.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Series {
    /// Its attributes.
    pub(super) attributes: BTreeMap<String, String>,
    /// With a step: each step in which anything is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) samples: Option<Vec<Sample>>,
    /// Without one: each value, and how long it held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<Vec<Held>>,
}

/// What a series was in one step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sample {
    /// When the step begins.
    pub(super) from_ms: i64,
    /// The lowest value.
    pub(super) min: f64,
    /// The highest.
    pub(super) max: f64,
    /// The last.
    pub(super) last: f64,
    /// The mean over the time that is known.
    pub(super) mean: f64,
}

impl From<history::Sample> for Sample {
    fn from(own: history::Sample) -> Self {
        Self {
            from_ms: own.from_ms,
            min: own.min,
            max: own.max,
            last: own.last,
            mean: own.mean,
        }
    }
}

/// A value, and how long it held.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Held {
    /// From when.
    pub(super) from_ms: i64,
    /// Until when.
    pub(super) until_ms: i64,
    /// The value.
    pub(super) value: f64,
}

impl From<history::Held> for Held {
    fn from(own: history::Held) -> Self {
        Self {
            from_ms: own.from_ms,
            until_ms: own.until_ms,
            value: own.value,
        }
    }
}

/// A drive.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Drive {
    /// When it began, as it was observed.
    pub(super) from_ms: i64,
    /// When it ended; so far, if it goes on.
    pub(super) until_ms: i64,
    /// Whether it goes on.
    pub(super) goes_on: bool,
    /// How long it took by the car's clock, in seconds.
    pub(super) seconds: f64,
    /// How far, in miles.
    pub(super) miles: Option<f64>,
    /// Energy used, in kWh.
    pub(super) kwh: Option<f64>,
    /// State of charge at the start, in percent.
    pub(super) start_percent: Option<f64>,
    /// State of charge at the end, in percent.
    pub(super) end_percent: Option<f64>,
    /// The highest speed that was seen, in miles per hour.
    pub(super) fastest_mph: Option<f64>,
    /// Temperature outside, the mean, in °C.
    pub(super) outside_celsius: Option<f64>,
}

impl From<history::Drive> for Drive {
    fn from(own: history::Drive) -> Self {
        Self {
            from_ms: own.from_ms,
            until_ms: own.until_ms,
            goes_on: own.goes_on,
            seconds: own.seconds,
            miles: own.miles,
            kwh: own.kwh,
            start_percent: own.percent.map(|(start, _)| start),
            end_percent: own.percent.map(|(_, end)| end),
            fastest_mph: own.fastest_mph,
            outside_celsius: own.outside_celsius,
        }
    }
}

/// A charging session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Charge {
    /// When it began, as it was observed.
    pub(super) from_ms: i64,
    /// When it ended; so far, if it goes on.
    pub(super) until_ms: i64,
    /// Whether it goes on.
    pub(super) goes_on: bool,
    /// How long it took by the car's clock, in seconds.
    pub(super) seconds: f64,
    /// Energy that the battery took, in kWh.
    pub(super) added_kwh: Option<f64>,
    /// Energy that the charger gave, in kWh.
    pub(super) used_kwh: Option<f64>,
    /// Rated miles added.
    pub(super) miles: Option<f64>,
    /// State of charge at the start, in percent.
    pub(super) start_percent: Option<f64>,
    /// State of charge at the end, in percent.
    pub(super) end_percent: Option<f64>,
    /// The highest power that was seen, in kW.
    pub(super) highest_kw: Option<f64>,
    /// Whether it was by direct current.
    pub(super) fast: Option<bool>,
}

impl From<history::Charge> for Charge {
    fn from(own: history::Charge) -> Self {
        Self {
            from_ms: own.from_ms,
            until_ms: own.until_ms,
            goes_on: own.goes_on,
            seconds: own.seconds,
            added_kwh: own.added_kwh,
            used_kwh: own.used_kwh,
            miles: own.miles,
            start_percent: own.percent.map(|(start, _)| start),
            end_percent: own.percent.map(|(_, end)| end),
            highest_kw: own.highest_kw,
            fast: own.fast,
        }
    }
}

/// How the observer is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// How long it has been running, in seconds.
    uptime_seconds: f64,
    /// Whether the cars are simulated ones.
    simulated: bool,
    /// When each vehicle was asked, and will be.
    vehicles: Vec<Turns>,
    /// How old the access token is, in seconds.
    token_age_seconds: Option<f64>,
    /// How long it is valid still, in seconds.
    token_expires_in_seconds: Option<f64>,
    /// The destinations, one entry for each signal.
    exports: Vec<Export>,
    /// Whether the history is written.
    history_kept: bool,
    /// Why not, or where it is.
    history: String,
    /// Reports that could not be written in it.
    history_lost: u64,
    /// The size of its file, in bytes.
    history_size: u64,
}

/// When a vehicle was asked, and will be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Turns {
    /// What it is called.
    name: String,
    /// Whether it could be asked.
    availability: Option<&'static str>,
    /// When it was asked last.
    asked_ms: Option<i64>,
    /// When it is asked next.
    next_ms: Option<i64>,
    /// What went wrong when it was asked last.
    problem: Option<String>,
}

/// One signal to one destination, since the start.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Export {
    /// What it is called.
    destination: String,
    /// `metrics`, `traces` or `logs`.
    signal: String,
    /// Requests that were taken.
    delivered: u64,
    /// Attempts that failed.
    failures: u64,
    /// Requests that will never be taken.
    dropped: u64,
    /// Requests that wait.
    waiting: u64,
}

impl From<health::Health> for Health {
    fn from(own: health::Health) -> Self {
        Self {
            uptime_seconds: own.uptime_seconds,
            simulated: own.simulated,
            vehicles: own.vehicles.into_iter().map(Turns::from).collect(),
            token_age_seconds: own.token.map(|token| token.age_seconds),
            token_expires_in_seconds: own.token.and_then(|token| token.expires_in_seconds),
            exports: own.exports.into_iter().map(Export::from).collect(),
            history_kept: matches!(own.history, history::Standing::Kept(_)),
            history: own.history.to_string(),
            history_lost: own.history_lost,
            history_size: own.history_size,
        }
    }
}

impl From<health::Turns> for Turns {
    fn from(own: health::Turns) -> Self {
        Self {
            name: own.name,
            availability: own.availability,
            asked_ms: own.asked_ms,
            next_ms: own.next_ms,
            problem: own.problem,
        }
    }
}

impl From<health::Export> for Export {
    fn from(own: health::Export) -> Self {
        Self {
            destination: own.destination,
            signal: own.signal,
            delivered: own.delivered,
            failures: own.failures,
            dropped: own.dropped,
            waiting: own.waiting,
        }
    }
}
