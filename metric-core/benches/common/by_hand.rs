//! What the family is measured against: the same instruments with callbacks written by hand, as
//! fast as we know to write them.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};

use crate::vehicle::Vehicle;

/// A live instance.
pub(crate) struct ByHandMember {
    attributes: Vec<KeyValue>,
    latest: ArcSwapOption<Vehicle>,
}

impl ByHandMember {
    pub(crate) fn new(attributes: Vec<KeyValue>) -> Arc<Self> {
        Arc::new(ByHandMember {
            attributes,
            latest: ArcSwapOption::empty(),
        })
    }

    pub(crate) fn set(&self, vehicle: Vehicle) {
        self.latest.store(Some(Arc::new(vehicle)));
    }
}

/// All live instances, which the callbacks read without a lock.
type Members = Arc<ArcSwap<Vec<Arc<ByHandMember>>>>;

/// Where an instrument goes, and whom it reports.
#[derive(Clone, Copy)]
struct To<'a> {
    meter: &'a Meter,
    members: &'a Members,
}

/// Makes an instrument per field.
pub(crate) fn register(meter: &Meter, members: Vec<Arc<ByHandMember>>) {
    let members = Arc::new(ArcSwap::from_pointee(members));
    let to = To {
        meter,
        members: &members,
    };
    i64_gauge(
        to,
        "vehicle.battery_level",
        "%",
        "State of charge shown to the driver.",
        |v| v.battery_level,
    );
    i64_gauge(
        to,
        "vehicle.usable_battery_level",
        "%",
        "State of charge that can be used now.",
        |v| v.usable_battery_level,
    );
    f64_gauge(
        to,
        "vehicle.battery_range",
        "[mi_i]",
        "Rated range that is left.",
        |v| v.battery_range,
    );
    f64_gauge(
        to,
        "vehicle.est_battery_range",
        "[mi_i]",
        "Range that is left by recent driving.",
        |v| v.est_battery_range,
    );
    f64_gauge(
        to,
        "vehicle.ideal_battery_range",
        "[mi_i]",
        "Ideal range that is left.",
        |v| v.ideal_battery_range,
    );
    bool_gauge(
        to,
        "vehicle.battery_heater_on",
        "",
        "Whether the battery is heated.",
        |v| v.battery_heater_on,
    );
    i64_gauge(
        to,
        "vehicle.charge_amps",
        "A",
        "Current that the driver asks for.",
        |v| v.charge_amps,
    );
    i64_gauge(
        to,
        "vehicle.charge_current_request",
        "A",
        "Current that the car asks for.",
        |v| v.charge_current_request,
    );
    i64_gauge(
        to,
        "vehicle.charge_current_request_max",
        "A",
        "Most current that can be asked for.",
        |v| v.charge_current_request_max,
    );
    bool_gauge(
        to,
        "vehicle.charge_enable_request",
        "",
        "Whether charging is asked for.",
        |v| v.charge_enable_request,
    );
    f64_gauge(
        to,
        "vehicle.charge_energy_added",
        "kW.h",
        "Energy added in this charging session.",
        |v| v.charge_energy_added,
    );
    i64_gauge(
        to,
        "vehicle.charge_limit_soc",
        "%",
        "State of charge at which charging ends.",
        |v| v.charge_limit_soc,
    );
    i64_gauge(
        to,
        "vehicle.charge_limit_soc_max",
        "%",
        "Highest charge limit that can be set.",
        |v| v.charge_limit_soc_max,
    );
    i64_gauge(
        to,
        "vehicle.charge_limit_soc_min",
        "%",
        "Lowest charge limit that can be set.",
        |v| v.charge_limit_soc_min,
    );
    i64_gauge(
        to,
        "vehicle.charge_limit_soc_std",
        "%",
        "Charge limit for every day.",
        |v| v.charge_limit_soc_std,
    );
    f64_gauge(
        to,
        "vehicle.charge_miles_added_ideal",
        "[mi_i]",
        "Ideal range added in this charging session.",
        |v| v.charge_miles_added_ideal,
    );
    f64_gauge(
        to,
        "vehicle.charge_miles_added_rated",
        "[mi_i]",
        "Rated range added in this charging session.",
        |v| v.charge_miles_added_rated,
    );
    bool_gauge(
        to,
        "vehicle.charge_port_door_open",
        "",
        "Whether the charge port is open.",
        |v| v.charge_port_door_open,
    );
    f64_gauge(
        to,
        "vehicle.charge_rate",
        "[mi_i]/h",
        "Range added per hour.",
        |v| v.charge_rate,
    );
    i64_gauge(
        to,
        "vehicle.charger_actual_current",
        "A",
        "Current from the charger.",
        |v| v.charger_actual_current,
    );
    i64_gauge(to, "vehicle.charger_phases", "", "Phases in use.", |v| {
        v.charger_phases
    });
    i64_gauge(
        to,
        "vehicle.charger_pilot_current",
        "A",
        "Current that the charger offers.",
        |v| v.charger_pilot_current,
    );
    i64_gauge(
        to,
        "vehicle.charger_power",
        "kW",
        "Power from the charger.",
        |v| v.charger_power,
    );
    i64_gauge(
        to,
        "vehicle.charger_voltage",
        "V",
        "Voltage at the charger.",
        |v| v.charger_voltage,
    );
    bool_gauge(
        to,
        "vehicle.fast_charger_present",
        "",
        "Whether a fast charger is plugged in.",
        |v| v.fast_charger_present,
    );
    bool_gauge(
        to,
        "vehicle.managed_charging_active",
        "",
        "Whether someone else manages charging.",
        |v| v.managed_charging_active,
    );
    i64_gauge(
        to,
        "vehicle.minutes_to_full_charge",
        "min",
        "Time until the charge limit is reached.",
        |v| v.minutes_to_full_charge,
    );
    f64_gauge(
        to,
        "vehicle.time_to_full_charge",
        "h",
        "Time until the charge limit is reached.",
        |v| v.time_to_full_charge,
    );
    bool_gauge(
        to,
        "vehicle.trip_charging",
        "",
        "Whether a trip determines the charge limit.",
        |v| v.trip_charging,
    );
    i64_gauge(to, "vehicle.heading", "deg", "Direction of travel.", |v| {
        v.heading
    });
    f64_gauge(
        to,
        "vehicle.latitude",
        "deg",
        "Where the car is, north of the equator.",
        |v| v.latitude,
    );
    f64_gauge(
        to,
        "vehicle.longitude",
        "deg",
        "Where the car is, east of Greenwich.",
        |v| v.longitude,
    );
    f64_gauge(
        to,
        "vehicle.odometer",
        "[mi_i]",
        "Distance driven since the car was made.",
        |v| v.odometer,
    );
    i64_gauge(
        to,
        "vehicle.power",
        "kW",
        "Power taken from the battery.",
        |v| v.power,
    );
    f64_gauge(to, "vehicle.speed", "[mi_i]/h", "Speed.", |v| v.speed);
    f64_gauge(
        to,
        "vehicle.inside_temp",
        "Cel",
        "Temperature inside.",
        |v| v.inside_temp,
    );
    f64_gauge(
        to,
        "vehicle.outside_temp",
        "Cel",
        "Temperature outside.",
        |v| v.outside_temp,
    );
}

macro_rules! gauge {
    ($name:ident, $field:ty, $observable:ident, $number:ty) => {
        fn $name(
            to: To<'_>,
            name: &'static str,
            unit: &'static str,
            description: &'static str,
            field: impl Fn(&Vehicle) -> Option<$field> + Send + Sync + 'static,
        ) {
            let members = Arc::clone(to.members);
            to.meter
                .$observable(name)
                .with_unit(unit)
                .with_description(description)
                .with_callback(move |instrument| {
                    report(&members, instrument, |vehicle| {
                        field(vehicle).map(<$number>::from)
                    });
                })
                .build();
        }
    };
}

gauge!(i64_gauge, i64, i64_observable_gauge, i64);
gauge!(f64_gauge, f64, f64_observable_gauge, f64);
gauge!(bool_gauge, bool, u64_observable_gauge, u64);

#[inline]
fn report<N>(
    members: &Members,
    instrument: &dyn AsyncInstrument<N>,
    field: impl Fn(&Vehicle) -> Option<N>,
) {
    for member in members.load().iter() {
        if let Some(value) = member.latest.load().as_deref().and_then(&field) {
            instrument.observe(value, &member.attributes);
        }
    }
}
