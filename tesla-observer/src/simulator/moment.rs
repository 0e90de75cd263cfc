//! All that holds for a car at a moment: what an answer is written from.

use super::charge::Flow;
use super::driver::Place;
use super::route::Point;

pub(super) const METRES_PER_MILE: f64 = 1609.344;

/// How charging stands, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlugState {
    Disconnected,
    Starting,
    Charging,
    Complete,
    Stopped,
}

impl PlugState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Disconnected => "Disconnected",
            Self::Starting => "Starting",
            Self::Charging => "Charging",
            Self::Complete => "Complete",
            Self::Stopped => "Stopped",
        }
    }
}

/// How the software stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Update {
    Idle,
    /// How much is loaded, %.
    Downloading(i64),
    /// When it will be installed, ms.
    Scheduled(i64),
    /// How much is installed, %.
    Installing(i64),
}

/// Where navigation leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Guidance {
    pub(super) to: Place,
    pub(super) point: Point,
    pub(super) miles: f64,
    pub(super) minutes: f64,
    /// State of charge on arrival, %.
    pub(super) level: f64,
}

/// A car at a moment.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) now: i64,
    pub(super) outside: f64,
    pub(super) inside: f64,
    pub(super) kwh: f64,
    /// State of charge, %.
    pub(super) level: f64,
    /// Odometer, m.
    pub(super) metres: f64,
    /// m/s
    pub(super) speed: f64,
    /// From the battery, kW.
    pub(super) power: f64,
    pub(super) gear: Option<&'static str>,
    pub(super) position: Point,
    pub(super) heading: f64,
    pub(super) guidance: Option<Guidance>,
    pub(super) charging: PlugState,
    pub(super) flow: Flow,
    /// On direct current.
    pub(super) dc: bool,
    /// kWh since it was plugged in.
    pub(super) added_kwh: f64,
    pub(super) seconds_to_full: f64,
    pub(super) charge_starts_at: Option<i64>,
    pub(super) climate_on: bool,
    pub(super) preconditioning: bool,
    pub(super) user_present: bool,
    pub(super) door_open: bool,
    pub(super) sentry: bool,
    /// A dog waits in it.
    pub(super) dog: bool,
    pub(super) at_home: bool,
    pub(super) departure: Option<i64>,
    pub(super) update: Update,
    pub(super) version: usize,
    /// When the tyres were last heard, ms, and how warm they were, °C.
    pub(super) tyres: (i64, f64),
}

impl Moment {
    pub(super) fn driving(&self) -> bool {
        self.gear == Some("D")
    }

    pub(super) fn plugged(&self) -> bool {
        self.charging != PlugState::Disconnected
    }

    /// A value in metres, in miles.
    pub(super) fn miles(metres: f64) -> f64 {
        metres / METRES_PER_MILE
    }
}
