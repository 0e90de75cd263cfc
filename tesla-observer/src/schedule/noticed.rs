//! What is noticed afterwards: drives, charges and updates that began while nobody looked.

use tokio::time::Instant;

use super::settings::Settings;
use super::state::State;
use crate::model::{Condition, Doing};

/// What had begun, or happened altogether, without having been seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Noticed {
    /// A drive; with the distance since the last reading, in miles, if it is known.
    Drive {
        /// Since the last reading.
        miles: Option<f64>,
    },
    /// A charge.
    Charge {
        /// Range gained since the last reading, in miles, if it is known.
        miles: Option<f64>,
        /// State of charge gained since the last reading, in percent, if it is known.
        percent: Option<f64>,
    },
    /// An update of the software.
    Update {
        /// The version before.
        from: String,
        /// The present version.
        to: String,
    },
}

impl Noticed {
    /// What it is, as an attribute's value.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Drive { .. } => "drive",
            Self::Charge { .. } => "charge",
            Self::Update { .. } => "update",
        }
    }
}

/// Less is a car that was moved on its parking place.
const MOVED_MILES: f64 = 0.1;
/// Less may come from a battery that has become warmer.
const GAINED_MILES: f64 = 5.0;
const GAINED_PERCENT: f64 = 2.0;

/// What is remembered of the last reading.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    at: Instant,
    doing: Doing,
    pub(super) timestamp_ms: Option<i64>,
    odometer_miles: Option<f64>,
    battery_percent: Option<f64>,
    range_miles: Option<f64>,
    software: Option<String>,
}

impl Seen {
    /// What a reading does not tell is as it was before.
    pub(super) fn new(at: Instant, condition: &Condition, before: Option<Self>) -> Self {
        let this = Self {
            at,
            doing: condition.doing,
            timestamp_ms: condition.timestamp_ms,
            odometer_miles: condition.odometer_miles,
            battery_percent: condition.battery_percent,
            range_miles: condition.range_miles,
            software: condition.software.clone(),
        };
        let Some(before) = before else {
            return this;
        };
        Self {
            timestamp_ms: this.timestamp_ms.or(before.timestamp_ms),
            odometer_miles: this.odometer_miles.or(before.odometer_miles),
            battery_percent: this.battery_percent.or(before.battery_percent),
            range_miles: this.range_miles.or(before.range_miles),
            software: this.software.or(before.software),
            ..this
        }
    }

    /// What a later reading shows that had begun unseen, when the schedule had been in `state`.
    pub(super) fn noticed(
        &self,
        now: Instant,
        condition: &Condition,
        state: &State,
        settings: &Settings,
    ) -> Vec<Noticed> {
        let drive = self.drive(now, condition, state, settings);
        let charge = self.charge(now, condition, settings);
        let update = self.update(condition);
        [drive, charge, update].into_iter().flatten().collect()
    }

    fn drive(
        &self,
        now: Instant,
        condition: &Condition,
        state: &State,
        settings: &Settings,
    ) -> Option<Noticed> {
        // One that was seen to begin, and went on out of sight.
        if self.doing == Doing::Driving {
            return None;
        }
        let miles = gained(condition.odometer_miles, self.odometer_miles);
        let moved = miles.is_some_and(|miles| miles >= MOVED_MILES);
        let drives = condition.doing == Doing::Driving;
        let late = now.saturating_duration_since(self.at) > settings.first_minute;
        let unseen = match drives {
            true => matches!(state, State::Suspended { .. }) || (moved && late),
            false => moved,
        };
        unseen.then_some(Noticed::Drive { miles })
    }

    fn charge(&self, now: Instant, condition: &Condition, settings: &Settings) -> Option<Noticed> {
        let long = now.saturating_duration_since(self.at) >= settings.shortest_charge;
        if !long || matches!(self.doing, Doing::Charging { .. }) {
            return None;
        }
        let miles = gained(condition.range_miles, self.range_miles);
        let percent = gained(condition.battery_percent, self.battery_percent);
        let rose = match miles {
            Some(miles) => miles > GAINED_MILES,
            None => percent.is_some_and(|percent| percent >= GAINED_PERCENT),
        };
        rose.then_some(Noticed::Charge { miles, percent })
    }

    fn update(&self, condition: &Condition) -> Option<Noticed> {
        let (from, to) = (self.software.as_ref()?, condition.software.as_ref()?);
        (from != to && self.doing != Doing::Updating).then(|| Noticed::Update {
            from: from.clone(),
            to: to.clone(),
        })
    }
}

fn gained(now: Option<f64>, before: Option<f64>) -> Option<f64> {
    Some(now? - before?)
}
