//! The battery and its charging: `charge_state`.

mod powershare;

use super::lenient::sub_state;
use super::states::{
    ChargeLimitReason, ChargePortColor, ChargePortLatch, ChargingState, ConnChargeCable,
    FastChargerType, ScheduleDays, ScheduledChargingMode,
};

pub use powershare::Powershare;

sub_state! {
    /// The battery and its charging.
    #[metric(prefix = "chargestate", separator = "_")]
    pub struct ChargeState at "charge_state" {
        /// Current of the battery pack, positive while charging. Cars of 2016 and older.
        #[metric(unit = "A")]
        pub battery_current: Option<f64>,
        /// Whether the battery is being heated.
        #[metric]
        pub battery_heater_on: Option<bool>,
        /// State of charge as the car shows it.
        #[metric(unit = "%")]
        pub battery_level: Option<f64>,
        /// Range by the official consumption (EPA or WLTP).
        #[metric(unit = "[mi_i]")]
        pub battery_range: Option<f64>,
        /// Current that is requested from the charger now.
        #[metric(unit = "A")]
        pub charge_amps: Option<f64>,
        /// Whether the cable is plugged in but not locked.
        #[metric]
        pub charge_cable_unlatched: Option<bool>,
        /// Current that the car is set to request from the charger.
        #[metric(unit = "A")]
        pub charge_current_request: Option<f64>,
        /// Largest current that the charger and the car allow.
        #[metric(unit = "A")]
        pub charge_current_request_max: Option<f64>,
        /// Whether the car wants to charge when it can.
        #[metric]
        pub charge_enable_request: Option<bool>,
        /// Energy added in this charging session; kept until the next one begins.
        #[metric(unit = "kW.h")]
        pub charge_energy_added: Option<f64>,
        /// What keeps charging from being faster.
        #[metric]
        pub charge_limit_reason: Option<ChargeLimitReason>,
        /// State of charge at which charging ends.
        #[metric(unit = "%")]
        pub charge_limit_soc: Option<f64>,
        /// Highest limit that can be set.
        #[metric(unit = "%")]
        pub charge_limit_soc_max: Option<f64>,
        /// Lowest limit that can be set.
        #[metric(unit = "%")]
        pub charge_limit_soc_min: Option<f64>,
        /// Limit that is recommended for every day.
        #[metric(unit = "%")]
        pub charge_limit_soc_std: Option<f64>,
        /// Range added in this charging session, by an ideal consumption.
        #[metric(unit = "[mi_i]")]
        pub charge_miles_added_ideal: Option<f64>,
        /// Range added in this charging session, by the official consumption.
        #[metric(unit = "[mi_i]")]
        pub charge_miles_added_rated: Option<f64>,
        /// Whether the charge port keeps its latch open against the cold.
        #[metric]
        pub charge_port_cold_weather_mode: Option<bool>,
        /// Colour of the light at the charge port.
        #[metric]
        pub charge_port_color: Option<ChargePortColor>,
        /// Whether the door of the charge port is open.
        #[metric]
        pub charge_port_door_open: Option<bool>,
        /// Latch that holds the cable; it can be engaged without a cable.
        #[metric]
        pub charge_port_latch: Option<ChargePortLatch>,
        /// Range that charging adds per hour.
        #[metric(unit = "[mi_i]/h")]
        pub charge_rate: Option<f64>,
        /// Range that charging adds per hour, not rounded.
        #[metric(unit = "[mi_i]/h")]
        pub charge_rate_mph_float: Option<f64>,
        /// Whether the limit is set to the battery's full range.
        #[metric]
        pub charge_to_max_range: Option<bool>,
        /// Alternating current that flows into the charger; 0 while a direct-current charger charges.
        #[metric(unit = "A")]
        pub charger_actual_current: Option<f64>,
        /// Phases of the alternating current. Cars on three phases report 2. Absent for direct current.
        #[metric(unit = "{phase}")]
        pub charger_phases: Option<i64>,
        /// Current that the charger offers.
        #[metric(unit = "A")]
        pub charger_pilot_current: Option<f64>,
        /// Charging power, rounded to whole kilowatts; for alternating and direct current.
        #[metric(unit = "kW")]
        pub charger_power: Option<f64>,
        /// Voltage of the alternating current. With direct current: of the pack until about 2018,
        /// about 2 V since.
        #[metric(unit = "V")]
        pub charger_voltage: Option<f64>,
        /// Whether a schedule is ignored for this charging session.
        #[metric]
        pub charging_schedule_override: Option<bool>,
        /// What the charging does.
        #[metric]
        pub charging_state: Option<ChargingState>,
        /// Standard of the cable that is plugged in.
        #[metric]
        pub conn_charge_cable: Option<ConnChargeCable>,
        /// Energy left in the battery. Some gateways add it.
        #[metric(unit = "kW.h")]
        pub energy_remaining: Option<f64>,
        /// Range by the recent consumption. Absent since firmware 2026.20.
        #[metric(unit = "[mi_i]")]
        pub est_battery_range: Option<f64>,
        /// Whether the car is made for Europe. Cars of 2016 and older.
        #[metric]
        pub eu_vehicle: Option<bool>,
        /// Maker of the charger that is plugged in.
        #[metric(info)]
        pub fast_charger_brand: Option<String>,
        /// Whether a direct-current charger is plugged in.
        #[metric]
        pub fast_charger_present: Option<bool>,
        /// Kind of the charger that is plugged in.
        #[metric]
        pub fast_charger_type: Option<FastChargerType>,
        /// Range by an ideal consumption; 999 on some cars of 2013 to 2018.
        #[metric(unit = "[mi_i]")]
        pub ideal_battery_range: Option<f64>,
        /// Energy used since the car was made. Some gateways add it.
        #[metric(unit = "kW.h")]
        pub lifetime_energy_used: Option<f64>,
        /// Whether a utility or a site steers the charging.
        #[metric]
        pub managed_charging_active: Option<bool>,
        /// When the steered charging begins, since the Unix epoch.
        #[metric(unit = "s")]
        pub managed_charging_start_time: Option<i64>,
        /// Whether the driver has ended the steered charging.
        #[metric]
        pub managed_charging_user_canceled: Option<bool>,
        /// How often in a row the battery was charged to its full range.
        #[metric(unit = "{charge}")]
        pub max_range_charge_counter: Option<i64>,
        /// Time until the limit is reached.
        #[metric(unit = "min")]
        pub minutes_to_full_charge: Option<f64>,
        /// Highest temperature of a module of the battery. Some gateways add it.
        #[metric(unit = "Cel")]
        pub module_temp_max: Option<f64>,
        /// Lowest temperature of a module of the battery. Some gateways add it.
        #[metric(unit = "Cel")]
        pub module_temp_min: Option<f64>,
        /// Whether the door of the charge port moves by itself. Cars of 2016 and older.
        #[metric]
        pub motorized_charge_port: Option<bool>,
        /// Whether there is too little power to heat the battery.
        #[metric]
        pub not_enough_power_to_heat: Option<bool>,
        /// Whether charging waits for off-peak hours.
        #[metric]
        pub off_peak_charging_enabled: Option<bool>,
        /// Days on which charging waits for off-peak hours.
        #[metric]
        pub off_peak_charging_times: Option<ScheduleDays>,
        /// End of the off-peak hours, after local midnight. Absent since firmware 2026.20.
        #[metric(unit = "min")]
        pub off_peak_hours_end_time: Option<i64>,
        /// Limit for this charging session only.
        #[metric(unit = "%")]
        pub one_time_soc_limit: Option<f64>,
        /// Whether the cabin is preconditioned before departure.
        #[metric]
        pub preconditioning_enabled: Option<bool>,
        /// Days on which the cabin is preconditioned before departure.
        #[metric]
        pub preconditioning_times: Option<ScheduleDays>,
        /// What begins a scheduled charge.
        #[metric]
        pub scheduled_charging_mode: Option<ScheduledChargingMode>,
        /// Whether a scheduled charge is yet to begin.
        #[metric]
        pub scheduled_charging_pending: Option<bool>,
        /// When the scheduled charge begins, since the Unix epoch.
        #[metric(unit = "s")]
        pub scheduled_charging_start_time: Option<i64>,
        /// When the scheduled charge begins as set in the app, after local midnight.
        #[metric(unit = "min")]
        pub scheduled_charging_start_time_app: Option<i64>,
        /// When the scheduled charge begins, after local midnight.
        #[metric(unit = "min")]
        pub scheduled_charging_start_time_minutes: Option<i64>,
        /// When the car is to be ready, since the Unix epoch.
        #[metric(unit = "s")]
        pub scheduled_departure_time: Option<i64>,
        /// When the car is to be ready, after local midnight.
        #[metric(unit = "min")]
        pub scheduled_departure_time_minutes: Option<i64>,
        /// Whether the trip planner steers this session at a Supercharger.
        #[metric]
        pub supercharger_session_trip_planner: Option<bool>,
        /// Time until the limit is reached.
        #[metric(unit = "h")]
        pub time_to_full_charge: Option<f64>,
        /// When the car reported its charging, since the Unix epoch.
        #[metric(unit = "ms")]
        pub timestamp: Option<i64>,
        /// Whether it charges for a trip, and so may go beyond the limit.
        #[metric]
        pub trip_charging: Option<bool>,
        /// State of charge that can be used: what a cold battery withholds is not in it.
        #[metric(unit = "%")]
        pub usable_battery_level: Option<f64>,
        /// Whether the driver wants it to charge now.
        #[metric]
        pub user_charge_enable_request: Option<bool>,
    } with {
        /// What the car feeds.
        pub powershare: Powershare,
    }
}
