//! Heating, cooling and seats: `climate_state`.

use super::lenient::sub_state;
use super::states::{
    CabinOverheatProtection, ClimateKeeperMode, CopActivationTemperature, DefrostMode,
    HvacAutoRequest,
};

sub_state! {
    /// Heating, cooling and seats.
    #[metric(prefix = "climatestate", separator = "_")]
    pub struct ClimateState at "climate_state" {
        /// Whether the overheat protection can be switched on.
        #[metric]
        pub allow_cabin_overheat_protection: Option<bool>,
        /// Whether the left front seat heats and cools by itself.
        #[metric]
        pub auto_seat_climate_left: Option<bool>,
        /// Whether the right front seat heats and cools by itself.
        #[metric]
        pub auto_seat_climate_right: Option<bool>,
        /// Whether the steering wheel heats by itself.
        #[metric]
        pub auto_steering_wheel_heat: Option<bool>,
        /// Whether the battery is being heated.
        #[metric]
        pub battery_heater: Option<bool>,
        /// Whether there is too little power to heat the battery.
        #[metric]
        pub battery_heater_no_power: Option<bool>,
        /// Whether the air is filtered at full strength.
        #[metric]
        pub bioweapon_mode: Option<bool>,
        /// Whether the air is filtered at full strength: the name in Tesla's protobuf definitions.
        #[metric]
        pub bioweapon_mode_on: Option<bool>,
        /// Whether the cabin of the parked car is kept from getting hot.
        #[metric]
        pub cabin_overheat_protection: Option<CabinOverheatProtection>,
        /// Whether the overheat protection is cooling now.
        #[metric]
        pub cabin_overheat_protection_actively_cooling: Option<bool>,
        /// Whether the climate stays on when the driver leaves.
        #[metric]
        pub climate_keeper_mode: Option<ClimateKeeperMode>,
        /// Temperature at which the overheat protection begins.
        #[metric]
        pub cop_activation_temperature: Option<CopActivationTemperature>,
        /// How the windows are defrosted.
        #[metric]
        pub defrost_mode: Option<DefrostMode>,
        /// Temperature that is set on the driver's side.
        #[metric(unit = "Cel")]
        pub driver_temp_setting: Option<f64>,
        /// Level of the fan, from 0.
        #[metric]
        pub fan_status: Option<i64>,
        /// Whether the climate rules itself.
        #[metric]
        pub hvac_auto_request: Option<HvacAutoRequest>,
        /// Temperature in the cabin.
        #[metric(unit = "Cel")]
        pub inside_temp: Option<f64>,
        /// Whether the climate is on and rules itself.
        #[metric]
        pub is_auto_conditioning_on: Option<bool>,
        /// Whether the climate is on.
        #[metric]
        pub is_climate_on: Option<bool>,
        /// Whether the windscreen is being defrosted.
        #[metric]
        pub is_front_defroster_on: Option<bool>,
        /// Whether the car is being preconditioned.
        #[metric]
        pub is_preconditioning: Option<bool>,
        /// Whether the rear window is being defrosted.
        #[metric]
        pub is_rear_defroster_on: Option<bool>,
        /// Direction of the air on the left, in steps of the car's own.
        #[metric]
        pub left_temp_direction: Option<i64>,
        /// Highest temperature that can be set; shown as HI.
        #[metric(unit = "Cel")]
        pub max_avail_temp: Option<f64>,
        /// Lowest temperature that can be set; shown as LO.
        #[metric(unit = "Cel")]
        pub min_avail_temp: Option<f64>,
        /// Temperature outside.
        #[metric(unit = "Cel")]
        pub outside_temp: Option<f64>,
        /// Temperature that is set on the passenger's side.
        #[metric(unit = "Cel")]
        pub passenger_temp_setting: Option<f64>,
        /// Whether the heaters of seats and steering wheel can be switched from afar.
        #[metric]
        pub remote_heater_control_enabled: Option<bool>,
        /// Direction of the air on the right, in steps of the car's own.
        #[metric]
        pub right_temp_direction: Option<i64>,
        /// Cooling of the left front seat, 0 to 3.
        #[metric]
        pub seat_fan_front_left: Option<i64>,
        /// Cooling of the right front seat, 0 to 3.
        #[metric]
        pub seat_fan_front_right: Option<i64>,
        /// Heating of the left front seat, 0 to 3.
        #[metric]
        pub seat_heater_left: Option<i64>,
        /// Heating of the middle rear seat, 0 to 3.
        #[metric]
        pub seat_heater_rear_center: Option<i64>,
        /// Heating of the left rear seat, 0 to 3.
        #[metric]
        pub seat_heater_rear_left: Option<i64>,
        /// Heating of the back of the left rear seat, 0 to 3.
        #[metric]
        pub seat_heater_rear_left_back: Option<i64>,
        /// Heating of the right rear seat, 0 to 3.
        #[metric]
        pub seat_heater_rear_right: Option<i64>,
        /// Heating of the back of the right rear seat, 0 to 3.
        #[metric]
        pub seat_heater_rear_right_back: Option<i64>,
        /// Heating of the right front seat, 0 to 3.
        #[metric]
        pub seat_heater_right: Option<i64>,
        /// Heating of the left seat of the third row, 0 to 3.
        #[metric]
        pub seat_heater_third_row_left: Option<i64>,
        /// Heating of the right seat of the third row, 0 to 3.
        #[metric]
        pub seat_heater_third_row_right: Option<i64>,
        /// Whether the side mirrors are heated.
        #[metric]
        pub side_mirror_heaters: Option<bool>,
        /// Whether the car learns when to precondition.
        #[metric]
        pub smart_preconditioning: Option<bool>,
        /// Heating of the steering wheel, 0 to 3.
        #[metric]
        pub steering_wheel_heat_level: Option<i64>,
        /// Whether the steering wheel is heated.
        #[metric]
        pub steering_wheel_heater: Option<bool>,
        /// Whether the overheat protection can do with the fan alone.
        #[metric]
        pub supports_fan_only_cabin_overheat_protection: Option<bool>,
        /// When the car reported its climate, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
        /// Whether the wipers are heated.
        #[metric]
        pub wiper_blade_heater: Option<bool>,
    }
}
