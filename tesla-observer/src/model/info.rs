//! What identifies the car's kind and software: texts of `vehicle_config` and `vehicle_state`.

use super::lenient::sub_state;

sub_state! {
    /// What identifies the car's kind and its software.
    ///
    /// All are attributes of one metric, `vehicle_info`. Cars of 2016 and older tell some of it in
    /// `vehicle_state`.
    #[metric(prefix = "vehicle", separator = "_")]
    pub struct VehicleInfo at "vehicle_config" {
        /// Lamps beside the headlamps.
        #[metric(info)]
        pub aux_park_lamps: Option<String>,
        /// Edition.
        #[metric(info)]
        pub car_special_type: Option<String>,
        /// Model: `models`, `modelx`, `model3`, `modely`, `cybertruck`; `lychee` and `tamarind` for
        /// the S and X since 2021.
        #[metric(info)]
        pub car_type: Option<String> = "vehicle_state.car_type",
        /// Version of the software, and the hash of its build.
        #[metric(info)]
        pub car_version: Option<String> = "vehicle_state.car_version",
        /// Standard of the charge port: `US`, `EU`, `CCS`, `GB`.
        #[metric(info)]
        pub charge_port_type: Option<String>,
        /// Computer of the driving assistants.
        #[metric(info)]
        pub driver_assist: Option<String>,
        /// Generation of drive and battery.
        #[metric(info)]
        pub efficiency_package: Option<String>,
        /// Paint.
        #[metric(info)]
        pub exterior_color: Option<String> = "vehicle_state.exterior_color",
        /// Trim outside.
        #[metric(info)]
        pub exterior_trim: Option<String>,
        /// Trim outside, if it was changed.
        #[metric(info)]
        pub exterior_trim_override: Option<String>,
        /// Front motor.
        #[metric(info)]
        pub front_drive_unit: Option<String>,
        /// Headlamps.
        #[metric(info)]
        pub headlamp_type: Option<String>,
        /// Trim inside.
        #[metric(info)]
        pub interior_trim_type: Option<String>,
        /// Paint, if it was changed: colour, metallic effect and roughness.
        #[metric(info)]
        pub paint_color_override: Option<String>,
        /// Performance version. Older name of the package.
        #[metric(info)]
        pub perf_config: Option<String> = "vehicle_state.perf_config",
        /// Performance version.
        #[metric(info)]
        pub performance_package: Option<String>,
        /// Rear motor.
        #[metric(info)]
        pub rear_drive_unit: Option<String>,
        /// Roof.
        #[metric(info)]
        pub roof_color: Option<String> = "vehicle_state.roof_color",
        /// Spoiler.
        #[metric(info)]
        pub spoiler_type: Option<String>,
        /// Seats in the third row.
        #[metric(info)]
        pub third_row_seats: Option<String> = "vehicle_state.third_row_seats",
        /// Trim as on the badge: `74d`, `p90d`.
        #[metric(info)]
        pub trim_badging: Option<String>,
        /// Wheels.
        #[metric(info)]
        pub wheel_type: Option<String> = "vehicle_state.wheel_type",
    }
}
