//! The limit of speed: `speed_limit_mode` of `vehicle_state` and of `closures_state`.

use super::lenient::sub_state;

/// The same fields in two objects, under two prefixes.
macro_rules! speed_limit_modes {
    ($( $(#[$doc:meta])* $name:ident at $object:literal as $prefix:literal; )+) => {$(
        sub_state! {
            $(#[$doc])*
            #[metric(prefix = $prefix, separator = "_")]
            pub struct $name at $object {
                /// Whether the limit holds.
                #[metric]
                pub active: Option<bool>,
                /// Limit that is set.
                #[metric(unit = "[mi_i]/h")]
                pub current_limit_mph: Option<f64>,
                /// Highest limit that can be set.
                #[metric(unit = "[mi_i]/h")]
                pub max_limit_mph: Option<f64>,
                /// Lowest limit that can be set.
                #[metric(unit = "[mi_i]/h")]
                pub min_limit_mph: Option<f64>,
                /// Whether a PIN guards the limit.
                #[metric]
                pub pin_code_set: Option<bool>,
            }
        }
    )+};
}

speed_limit_modes! {
    /// The limit of speed that an owner can set.
    SpeedLimitMode at "vehicle_state.speed_limit_mode" as "vehiclestate_speed_limit_mode";
    /// The limit of speed that an owner can set, as `closures_state` has it.
    ClosuresSpeedLimitMode at "closures_state.speed_limit_mode" as "closuresstate_speed_limit_mode";
}
