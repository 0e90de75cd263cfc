//! The struct of all measurements: 37 metrics, as a car reports them.

use metric_core::MetricCollector;

/// What a car reports of its battery, its charger and its drive.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "vehicle")]
pub(crate) struct Vehicle {
    /// State of charge shown to the driver.
    #[metric(unit = "%")]
    pub(crate) battery_level: Option<i64>,
    /// State of charge that can be used now.
    #[metric(unit = "%")]
    pub(crate) usable_battery_level: Option<i64>,
    /// Rated range that is left.
    #[metric(unit = "[mi_i]")]
    pub(crate) battery_range: Option<f64>,
    /// Range that is left by recent driving.
    #[metric(unit = "[mi_i]")]
    pub(crate) est_battery_range: Option<f64>,
    /// Ideal range that is left.
    #[metric(unit = "[mi_i]")]
    pub(crate) ideal_battery_range: Option<f64>,
    /// Whether the battery is heated.
    #[metric]
    pub(crate) battery_heater_on: Option<bool>,
    /// Current that the driver asks for.
    #[metric(unit = "A")]
    pub(crate) charge_amps: Option<i64>,
    /// Current that the car asks for.
    #[metric(unit = "A")]
    pub(crate) charge_current_request: Option<i64>,
    /// Most current that can be asked for.
    #[metric(unit = "A")]
    pub(crate) charge_current_request_max: Option<i64>,
    /// Whether charging is asked for.
    #[metric]
    pub(crate) charge_enable_request: Option<bool>,
    /// Energy added in this charging session.
    #[metric(unit = "kW.h")]
    pub(crate) charge_energy_added: Option<f64>,
    /// State of charge at which charging ends.
    #[metric(unit = "%")]
    pub(crate) charge_limit_soc: Option<i64>,
    /// Highest charge limit that can be set.
    #[metric(unit = "%")]
    pub(crate) charge_limit_soc_max: Option<i64>,
    /// Lowest charge limit that can be set.
    #[metric(unit = "%")]
    pub(crate) charge_limit_soc_min: Option<i64>,
    /// Charge limit for every day.
    #[metric(unit = "%")]
    pub(crate) charge_limit_soc_std: Option<i64>,
    /// Ideal range added in this charging session.
    #[metric(unit = "[mi_i]")]
    pub(crate) charge_miles_added_ideal: Option<f64>,
    /// Rated range added in this charging session.
    #[metric(unit = "[mi_i]")]
    pub(crate) charge_miles_added_rated: Option<f64>,
    /// Whether the charge port is open.
    #[metric]
    pub(crate) charge_port_door_open: Option<bool>,
    /// Range added per hour.
    #[metric(unit = "[mi_i]/h")]
    pub(crate) charge_rate: Option<f64>,
    /// Current from the charger.
    #[metric(unit = "A")]
    pub(crate) charger_actual_current: Option<i64>,
    /// Phases in use.
    #[metric]
    pub(crate) charger_phases: Option<i64>,
    /// Current that the charger offers.
    #[metric(unit = "A")]
    pub(crate) charger_pilot_current: Option<i64>,
    /// Power from the charger.
    #[metric(unit = "kW")]
    pub(crate) charger_power: Option<i64>,
    /// Voltage at the charger.
    #[metric(unit = "V")]
    pub(crate) charger_voltage: Option<i64>,
    /// Whether a fast charger is plugged in.
    #[metric]
    pub(crate) fast_charger_present: Option<bool>,
    /// Whether someone else manages charging.
    #[metric]
    pub(crate) managed_charging_active: Option<bool>,
    /// Time until the charge limit is reached.
    #[metric(unit = "min")]
    pub(crate) minutes_to_full_charge: Option<i64>,
    /// Time until the charge limit is reached.
    #[metric(unit = "h")]
    pub(crate) time_to_full_charge: Option<f64>,
    /// Whether a trip determines the charge limit.
    #[metric]
    pub(crate) trip_charging: Option<bool>,
    /// Direction of travel.
    #[metric(unit = "deg")]
    pub(crate) heading: Option<i64>,
    /// Where the car is, north of the equator.
    #[metric(unit = "deg")]
    pub(crate) latitude: Option<f64>,
    /// Where the car is, east of Greenwich.
    #[metric(unit = "deg")]
    pub(crate) longitude: Option<f64>,
    /// Distance driven since the car was made.
    #[metric(unit = "[mi_i]")]
    pub(crate) odometer: Option<f64>,
    /// Power taken from the battery.
    #[metric(unit = "kW")]
    pub(crate) power: Option<i64>,
    /// Speed.
    #[metric(unit = "[mi_i]/h")]
    pub(crate) speed: Option<f64>,
    /// Temperature inside.
    #[metric(unit = "Cel")]
    pub(crate) inside_temp: Option<f64>,
    /// Temperature outside.
    #[metric(unit = "Cel")]
    pub(crate) outside_temp: Option<f64>,
}

/// How many metrics a vehicle has.
pub(crate) const METRICS: usize = 37;

impl Vehicle {
    /// Values in every field, others for every `seed`.
    pub(crate) fn sample(seed: u64) -> Self {
        let integer = |nth: u64| Some(((seed + nth) % 100).cast_signed());
        let float = |nth: u64| Some(((seed + nth) % 1000) as f64 / 10.0);
        let truth = |nth: u64| Some((seed + nth).is_multiple_of(2));
        Vehicle {
            battery_level: integer(0),
            usable_battery_level: integer(1),
            battery_range: float(2),
            est_battery_range: float(3),
            ideal_battery_range: float(4),
            battery_heater_on: truth(5),
            charge_amps: integer(6),
            charge_current_request: integer(7),
            charge_current_request_max: integer(8),
            charge_enable_request: truth(9),
            charge_energy_added: float(10),
            charge_limit_soc: integer(11),
            charge_limit_soc_max: integer(12),
            charge_limit_soc_min: integer(13),
            charge_limit_soc_std: integer(14),
            charge_miles_added_ideal: float(15),
            charge_miles_added_rated: float(16),
            charge_port_door_open: truth(17),
            charge_rate: float(18),
            charger_actual_current: integer(19),
            charger_phases: integer(20),
            charger_pilot_current: integer(21),
            charger_power: integer(22),
            charger_voltage: integer(23),
            fast_charger_present: truth(24),
            managed_charging_active: truth(25),
            minutes_to_full_charge: integer(26),
            time_to_full_charge: float(27),
            trip_charging: truth(28),
            heading: integer(29),
            latitude: float(30),
            longitude: float(31),
            odometer: float(32),
            power: integer(33),
            speed: float(34),
            inside_temp: float(35),
            outside_temp: float(36),
        }
    }
}
