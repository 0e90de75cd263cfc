//! What opens and locks, and who is there: `closures_state`. `vehicle_state` has the same fields, so
//! that `with_closures!` gives them to both.

use super::speed_limit::ClosuresSpeedLimitMode;

/// A `sub_state!` that also has the fields which `closures_state` and `vehicle_state` share.
macro_rules! with_closures {
    (
        $(#[$meta:meta])*
        pub struct $name:ident at $object:literal { $($own:tt)* } with { $($parts:tt)* }
    ) => {
        $crate::model::lenient::sub_state! {
            $(#[$meta])*
            pub struct $name at $object {
                $($own)*
                /// What the centre display shows.
                #[metric]
                pub center_display_state: Option<$crate::model::states::CenterDisplayState>,
                /// Front door on the driver's side: 0 closed, anything else open.
                #[metric]
                pub df: Option<i64>,
                /// Rear door on the driver's side: 0 closed, anything else open.
                #[metric]
                pub dr: Option<i64>,
                /// Front window on the driver's side: 0 closed, 1 a gap, 2 open.
                #[metric]
                pub fd_window: Option<i64>,
                /// Front window on the passenger's side: 0 closed, 1 a gap, 2 open.
                #[metric]
                pub fp_window: Option<i64>,
                /// Front trunk: 0 closed, anything else open.
                #[metric]
                pub ft: Option<i64>,
                /// Whether somebody is in the car.
                #[metric]
                pub is_user_present: Option<bool>,
                /// Whether the car is locked.
                #[metric]
                pub locked: Option<bool>,
                /// Front door on the passenger's side: 0 closed, anything else open.
                #[metric]
                pub pf: Option<i64>,
                /// Rear door on the passenger's side: 0 closed, anything else open.
                #[metric]
                pub pr: Option<i64>,
                /// Rear window on the driver's side: 0 closed, 1 a gap, 2 open.
                #[metric]
                pub rd_window: Option<i64>,
                /// Whether the car was started from afar.
                #[metric]
                pub remote_start: Option<bool>,
                /// Rear window on the passenger's side: 0 closed, 1 a gap, 2 open.
                #[metric]
                pub rp_window: Option<i64>,
                /// Rear trunk: 0 closed, anything else open.
                #[metric]
                pub rt: Option<i64>,
                /// Whether the car watches its surroundings.
                #[metric]
                pub sentry_mode: Option<bool>,
                /// Whether the car can watch its surroundings.
                #[metric]
                pub sentry_mode_available: Option<bool>,
                /// What the sun roof does.
                #[metric]
                pub sun_roof_state: Option<$crate::model::states::SunRoofState>,
                /// Whether the cover of the bed moves.
                #[metric]
                pub tonneau_in_motion: Option<bool>,
                /// How far the cover of the bed is open.
                #[metric(unit = "%")]
                pub tonneau_percent_open: Option<f64>,
                /// What the cover of the bed does.
                #[metric]
                pub tonneau_state: Option<$crate::model::states::TonneauState>,
                /// Whether the car is limited for a valet.
                #[metric]
                pub valet_mode: Option<bool>,
                /// Whether valet mode needs a PIN.
                #[metric]
                pub valet_pin_needed: Option<bool>,
            } with { $($parts)* }
        }
    };
}

pub(crate) use with_closures;

with_closures! {
    /// What opens and locks, and who is there. Newer firmware repeats here what is in
    /// [`VehicleState`](super::VehicleState) too.
    #[metric(prefix = "closuresstate", separator = "_")]
    pub struct ClosuresState at "closures_state" {
        /// How far the sun roof is open.
        #[metric(unit = "%")]
        pub sun_roof_percent_open: Option<f64>,
        /// When the car reported its closures, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
    } with {
        /// The limit of speed.
        pub speed_limit_mode: Option<ClosuresSpeedLimitMode>,
    }
}
