//! What a vehicle reports: one file per sub-state, [`EvMetrics`] has them all.
//!
//! Nothing here knows how it was fetched or where it goes. Names, units and meanings of fields are
//! those of answers of the Owner API and the Fleet API, from many public ones of 2014 to 2026;
//! values are not converted.

mod charge;
mod climate;
mod closures;
mod condition;
mod config;
mod drive;
mod glance;
mod gui;
mod info;
mod known;
mod lenient;
mod place;
mod speed_limit;
pub mod states;
mod vehicle;

use metric_core::MetricCollector;

use crate::privacy::Location;

use lenient::{Document, Known, Part};

pub use charge::{ChargeState, Powershare};
pub use climate::ClimateState;
pub use closures::ClosuresState;
pub use condition::{Blocker, Condition, Doing, Watched};
pub use config::VehicleConfig;
pub use drive::{ActiveRoute, DriveState};
pub use glance::{AtAGlance, Glance};
pub use gui::GuiSettings;
pub use info::VehicleInfo;
pub use lenient::{PrivateText, Unread, UnreadReason};
pub use speed_limit::{ClosuresSpeedLimitMode, SpeedLimitMode};
pub use vehicle::{MediaInfo, MediaState, NowPlaying, SoftwareUpdate, Tpms, VehicleState};

/// All that a Tesla reports. A sub-state that an answer does not have is `None`.
///
/// A metric is named after the object and the field that it is read from:
/// `vehicle_state.software_update.install_perc` is `vehiclestate_software_update_install_perc`. Of what
/// several objects tell, each tells its own; only [`VehicleInfo`] is gathered from two of them.
#[derive(Clone, Debug, Default, PartialEq, MetricCollector)]
pub struct EvMetrics {
    /// The battery and its charging.
    #[metric(flatten)]
    pub charge_state: Option<ChargeState>,
    /// Where the car is and how it moves.
    #[metric(flatten)]
    pub drive_state: Option<DriveState>,
    /// Heating, cooling and seats.
    #[metric(flatten)]
    pub climate_state: Option<ClimateState>,
    /// The car as a whole, and what opens and locks.
    #[metric(flatten)]
    pub vehicle_state: Option<VehicleState>,
    /// What opens and locks, once more: newer firmware has an object of its own for it.
    #[metric(flatten)]
    pub closures_state: Option<ClosuresState>,
    /// How the car is built.
    #[metric(flatten)]
    pub vehicle_config: Option<VehicleConfig>,
    /// What the display is set to.
    #[metric(flatten)]
    pub gui_settings: Option<GuiSettings>,
    /// What identifies the car's kind and software.
    #[metric(flatten)]
    pub info: VehicleInfo,
}

impl Part for EvMetrics {
    fn take(document: &mut Document<'_>) -> Self {
        Self {
            charge_state: Part::take(document),
            drive_state: Part::take(document),
            climate_state: Part::take(document),
            vehicle_state: Part::take(document),
            closures_state: Part::take(document),
            vehicle_config: Part::take(document),
            gui_settings: Part::take(document),
            info: Part::take(document),
        }
    }

    fn make_known(known: &mut Known) {
        <Option<ChargeState> as Part>::make_known(known);
        <Option<DriveState> as Part>::make_known(known);
        <Option<ClimateState> as Part>::make_known(known);
        <Option<VehicleState> as Part>::make_known(known);
        <Option<ClosuresState> as Part>::make_known(known);
        <Option<VehicleConfig> as Part>::make_known(known);
        <Option<GuiSettings> as Part>::make_known(known);
        <VehicleInfo as Part>::make_known(known);
    }
}

/// Reads the `response` object of a vehicle_data answer.
///
/// Each field is read by itself. A number may be written as an integer, as a float or in a text; a
/// truth may be a number; a level may be a truth. `null`, empty texts and `<invalid>` are `None`.
/// Of several fields of one name the last counts.
///
/// # Errors
///
/// If it is no JSON object at all: cut off, or something else. What is wrong with a single field is
/// in [`Reading::unread`] and costs that field only.
pub fn read(response: &str, options: ReadOptions) -> Result<Reading, serde_json::Error> {
    let mut document = Document::cut(response, known::known(), options)?;
    let mut metrics = EvMetrics::take(&mut document);
    metrics.withhold(options.location);
    Ok(Reading {
        metrics,
        unread: document.into_unread(),
    })
}

/// What is read of what is private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Private texts too: route destination, media, names of accounts and telephones.
    pub private_texts: bool,
    /// How exactly it is read where the car is.
    pub location: Location,
}

/// What was read of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What the vehicle reports.
    pub metrics: EvMetrics,
    /// What could not be read, field by field; at most 1,000 of them.
    pub unread: Vec<Unread>,
}
