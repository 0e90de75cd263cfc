//! The car as a whole, and what opens and locks: `vehicle_state`.

mod media;
mod software_update;
mod tpms;

use super::closures::with_closures;
use super::speed_limit::SpeedLimitMode;
use super::states::{AutoparkState, AutoparkStyle, DashcamState};

pub use media::{MediaInfo, MediaState, NowPlaying};
pub use software_update::SoftwareUpdate;
pub use tpms::Tpms;

with_closures! {
    /// The car as a whole, and what opens and locks.
    #[metric(prefix = "vehiclestate", separator = "_")]
    pub struct VehicleState at "vehicle_state" {
        /// Version of the car's interface.
        #[metric]
        pub api_version: Option<i64>,
        /// Whether the car can park itself: oldest kind.
        #[metric]
        pub autopark_state: Option<AutoparkState>,
        /// Whether the car can park itself: second kind.
        #[metric]
        pub autopark_state_v2: Option<AutoparkState>,
        /// Whether the car can park itself: newest kind.
        #[metric]
        pub autopark_state_v3: Option<AutoparkState>,
        /// How the driver agrees while the car parks itself.
        #[metric]
        pub autopark_style: Option<AutoparkStyle>,
        /// Whether the car can show a calendar.
        #[metric]
        pub calendar_supported: Option<bool>,
        /// Whether the rims are dark. Cars of 2016 and older.
        #[metric]
        pub dark_rims: Option<bool>,
        /// Whether the last minutes of the dashcam can be kept.
        #[metric]
        pub dashcam_clip_save_available: Option<bool>,
        /// What the dashcam does.
        #[metric]
        pub dashcam_state: Option<DashcamState>,
        /// Whether it has a spoiler. Cars of 2016 and older.
        #[metric]
        pub has_spoiler: Option<bool>,
        /// Garage doors and gates that the car has learned.
        #[metric(unit = "{device}")]
        pub homelink_device_count: Option<i64>,
        /// Whether one of these is near.
        #[metric]
        pub homelink_nearby: Option<bool>,
        /// Whether the car takes notifications.
        #[metric]
        pub notifications_supported: Option<bool>,
        /// Distance driven since the car was made.
        #[metric(unit = "[mi_i]")]
        pub odometer: Option<f64>,
        /// Whether the car can show a calendar that is sent to it.
        #[metric]
        pub parsed_calendar_supported: Option<bool>,
        /// Heating of the rear seats, as a number: 0 none. Cars of 2016 and older.
        #[metric]
        pub rear_seat_heaters: Option<i64>,
        /// Whether starting from afar is allowed.
        #[metric]
        pub remote_start_enabled: Option<bool>,
        /// Whether the car can be started from afar.
        #[metric]
        pub remote_start_supported: Option<bool>,
        /// Whether the steering wheel is on the right. Cars of 2016 and older.
        #[metric]
        pub rhd: Option<bool>,
        /// Whether the display shows a sleigh: 0 no.
        #[metric]
        pub santa_mode: Option<i64>,
        /// Kind of the seats, as a number. Cars of 2016 and older.
        #[metric]
        pub seat_type: Option<i64>,
        /// Whether a workshop has switched on service mode.
        #[metric]
        pub service_mode: Option<bool>,
        /// Whether a workshop has switched on service mode plus.
        #[metric]
        pub service_mode_plus: Option<bool>,
        /// Whether the car could come by itself.
        #[metric]
        pub smart_summon_available: Option<bool>,
        /// Whether the car waits, awake, to be summoned.
        #[metric]
        pub summon_standby_mode_enabled: Option<bool>,
        /// Kind of the sun roof, as a number: 0 none. Cars of 2016 and older.
        #[metric]
        pub sun_roof_installed: Option<i64>,
        /// How far the sun roof is open.
        ///
        /// Some cars put the object's name in front of the field's: that is read if this is absent.
        #[metric(unit = "%")]
        pub sun_roof_percent_open: Option<f64> = "vehicle_state.vehicle_state_sun_roof_percent_open",
        /// When the car reported its state, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
        /// Progress of the car's test of itself.
        #[metric(unit = "%")]
        pub vehicle_self_test_progress: Option<f64>,
        /// Whether the car was asked to test itself.
        #[metric]
        pub vehicle_self_test_requested: Option<bool>,
        /// Whether the camera in the cabin can be watched.
        #[metric]
        pub webcam_available: Option<bool>,
    } with {
        /// What is played, and how loud.
        pub media_info: Option<MediaInfo>,
        /// Whether the media can be controlled from afar.
        pub media_state: Option<MediaState>,
        /// An update of the software.
        pub software_update: Option<SoftwareUpdate>,
        /// The limit of speed.
        pub speed_limit_mode: Option<SpeedLimitMode>,
        /// Pressure of the tyres.
        pub tpms: Tpms,
    }
}
