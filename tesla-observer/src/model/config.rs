//! How the car is built: `vehicle_config`. Texts of it are in [`VehicleInfo`](super::VehicleInfo).

use super::lenient::sub_state;

sub_state! {
    /// How the car is built. Cars of 2016 and older tell some of it in `vehicle_state` and
    /// `charge_state`.
    #[metric(prefix = "vehicleconfig", separator = "_")]
    pub struct VehicleConfig at "vehicle_config" {
        /// Which badge the car has, as a number.
        #[metric]
        pub badge_version: Option<i64>,
        /// Whether destinations can be sent to the car.
        #[metric]
        pub can_accept_navigation_requests: Option<bool>,
        /// Whether the trunks can be opened from afar.
        #[metric]
        pub can_actuate_trunks: Option<bool>,
        /// Whether the temperature of the overheat protection can be set.
        #[metric]
        pub cop_user_set_temp_supported: Option<bool>,
        /// Whether the last minutes of the dashcam can be kept on this car.
        #[metric]
        pub dashcam_clip_save_supported: Option<bool>,
        /// Whether the car charges to its full range by default.
        #[metric]
        pub default_charge_to_max: Option<bool>,
        /// Whether the assistants are restricted by the rules of UNECE.
        #[metric]
        pub ece_restrictions: Option<bool>,
        /// Whether the car is made for Europe.
        #[metric]
        pub eu_vehicle: Option<bool>,
        /// Whether it has air suspension.
        #[metric]
        pub has_air_suspension: Option<bool>,
        /// Whether it has Ludicrous mode.
        #[metric]
        pub has_ludicrous_mode: Option<bool>,
        /// Whether the seats can be cooled.
        #[metric]
        pub has_seat_cooling: Option<bool>,
        /// Version of the car's keys.
        #[metric]
        pub key_version: Option<i64>,
        /// Whether the door of the charge port moves by itself.
        #[metric]
        pub motorized_charge_port: Option<bool>,
        /// Whether the trunk moves by itself.
        #[metric]
        pub plg: Option<bool>,
        /// Whether it has a pedestrian warning system.
        #[metric]
        pub pws: Option<bool>,
        /// Heating of the rear seats, as a number: 0 none.
        #[metric]
        pub rear_seat_heaters: Option<i64>,
        /// Kind of the rear seats, as a number.
        #[metric]
        pub rear_seat_type: Option<i64>,
        /// Whether the steering wheel is on the right.
        #[metric]
        pub rhd: Option<bool>,
        /// Kind of the seats, as a number.
        #[metric]
        pub seat_type: Option<i64>,
        /// Whether the cameras can be watched live in sentry mode.
        #[metric]
        pub sentry_preview_supported: Option<bool>,
        /// Kind of the steering wheel, as a number.
        #[metric]
        pub steering_wheel_type: Option<i64>,
        /// Kind of the sun roof, as a number: 0 none.
        #[metric]
        pub sun_roof_installed: Option<i64>,
        /// Whether a telephone can be paired by a QR code.
        #[metric]
        pub supports_qr_pairing: Option<bool>,
        /// When the car reported how it is built, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
        /// Whether the badge names the range.
        #[metric]
        pub use_range_badging: Option<bool>,
        /// Difference of the car's local time to UTC.
        #[metric(unit = "s")]
        pub utc_offset: Option<i64>,
        /// Whether only the camera in the cabin can be watched.
        #[metric]
        pub webcam_interior_only: Option<bool>,
        /// Whether the camera in the cabin takes selfies.
        #[metric]
        pub webcam_selfie_supported: Option<bool>,
        /// Whether the camera in the cabin can be watched on this car.
        #[metric]
        pub webcam_supported: Option<bool>,
    }
}
