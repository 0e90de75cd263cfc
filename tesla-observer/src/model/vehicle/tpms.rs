//! Pressure of the tyres: the `tpms_` fields of `vehicle_state`.

use crate::model::lenient::sub_state;

sub_state! {
    /// Pressure of the tyres.
    #[metric(prefix = "vehiclestate", separator = "_")]
    pub struct Tpms at "vehicle_state" {
        /// Whether the left front tyre has dangerously little pressure.
        #[metric]
        pub tpms_hard_warning_fl: Option<bool>,
        /// Whether the right front tyre has dangerously little pressure.
        #[metric]
        pub tpms_hard_warning_fr: Option<bool>,
        /// Whether the left rear tyre has dangerously little pressure.
        #[metric]
        pub tpms_hard_warning_rl: Option<bool>,
        /// Whether the right rear tyre has dangerously little pressure.
        #[metric]
        pub tpms_hard_warning_rr: Option<bool>,
        /// When the left front tyre told its pressure, since the Unix epoch.
        #[metric(unit = "s")]
        pub tpms_last_seen_pressure_time_fl: Option<i64>,
        /// When the right front tyre told its pressure, since the Unix epoch.
        #[metric(unit = "s")]
        pub tpms_last_seen_pressure_time_fr: Option<i64>,
        /// When the left rear tyre told its pressure, since the Unix epoch.
        #[metric(unit = "s")]
        pub tpms_last_seen_pressure_time_rl: Option<i64>,
        /// When the right rear tyre told its pressure, since the Unix epoch.
        #[metric(unit = "s")]
        pub tpms_last_seen_pressure_time_rr: Option<i64>,
        /// Pressure of the left front tyre; absent until it has told it.
        #[metric(unit = "bar")]
        pub tpms_pressure_fl: Option<f64>,
        /// Pressure of the right front tyre; absent until it has told it.
        #[metric(unit = "bar")]
        pub tpms_pressure_fr: Option<f64>,
        /// Pressure of the left rear tyre; absent until it has told it.
        #[metric(unit = "bar")]
        pub tpms_pressure_rl: Option<f64>,
        /// Pressure of the right rear tyre; absent until it has told it.
        #[metric(unit = "bar")]
        pub tpms_pressure_rr: Option<f64>,
        /// Pressure that is recommended for cold tyres in front.
        #[metric(unit = "bar")]
        pub tpms_rcp_front_value: Option<f64>,
        /// Pressure that is recommended for cold tyres in the rear.
        #[metric(unit = "bar")]
        pub tpms_rcp_rear_value: Option<f64>,
        /// Whether the left front tyre has too little pressure.
        #[metric]
        pub tpms_soft_warning_fl: Option<bool>,
        /// Whether the right front tyre has too little pressure.
        #[metric]
        pub tpms_soft_warning_fr: Option<bool>,
        /// Whether the left rear tyre has too little pressure.
        #[metric]
        pub tpms_soft_warning_rl: Option<bool>,
        /// Whether the right rear tyre has too little pressure.
        #[metric]
        pub tpms_soft_warning_rr: Option<bool>,
    }
}
