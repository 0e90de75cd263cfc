//! An update of the software: `vehicle_state.software_update`.

use crate::model::lenient::sub_state;
use crate::model::states::SoftwareUpdateStatus;

sub_state! {
    /// An update of the software.
    #[metric(prefix = "vehiclestate_software_update", separator = "_")]
    pub struct SoftwareUpdate at "vehicle_state.software_update" {
        /// Progress of the download.
        #[metric(unit = "%")]
        pub download_perc: Option<f64>,
        /// How long the installation will take.
        #[metric(unit = "s")]
        pub expected_duration_sec: Option<f64>,
        /// Progress of the installation; 1 while there is none.
        #[metric(unit = "%")]
        pub install_perc: Option<f64>,
        /// When the installation will begin, since the Unix epoch.
        #[metric(unit = "ms")]
        pub scheduled_time_ms: Option<i64>,
        /// What the update does.
        #[metric]
        pub status: Option<SoftwareUpdateStatus>,
        /// Version that the update brings.
        #[metric(info)]
        pub version: Option<String>,
        /// Time in which the installation can still be called off.
        #[metric(unit = "ms")]
        pub warning_time_remaining_ms: Option<f64>,
    }
}
