//! What the car feeds: fields of `charge_state`, so far only in Tesla's protobuf definitions.

use crate::model::lenient::sub_state;
use crate::model::states::{OutletState, PowershareStatus, PowershareStopReason, PowershareType};

sub_state! {
    /// What the car feeds: its outlets and Powershare.
    #[metric(prefix = "chargestate", separator = "_")]
    pub struct Powershare at "charge_state" {
        /// State of charge at which the outlets are switched off.
        #[metric(unit = "%")]
        pub outlet_soc_limit: Option<f64>,
        /// Which of the outlets have power.
        #[metric]
        pub outlet_state: Option<OutletState>,
        /// Whether the car may feed.
        #[metric]
        pub powershare_feature_allowed: Option<bool>,
        /// Whether feeding is switched on.
        #[metric]
        pub powershare_feature_enabled: Option<bool>,
        /// Power that the car feeds.
        #[metric(unit = "kW")]
        pub powershare_instantaneous_load_kw: Option<f64>,
        /// Whether somebody asks the car to feed.
        #[metric]
        pub powershare_request: Option<bool>,
        /// State of charge at which feeding ends.
        #[metric(unit = "%")]
        pub powershare_soc_limit: Option<f64>,
        /// What feeding does.
        #[metric]
        pub powershare_status: Option<PowershareStatus>,
        /// Why feeding has stopped.
        #[metric]
        pub powershare_stop_reason: Option<PowershareStopReason>,
        /// What the car feeds.
        #[metric]
        pub powershare_type: Option<PowershareType>,
        /// How long the car can go on feeding.
        #[metric(unit = "h")]
        pub powershare_vehicle_energy_left_hr: Option<f64>,
    }
}
