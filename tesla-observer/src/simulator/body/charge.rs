//! `charge_state`: units as the API has them, whatever the car's display shows.

use super::object::Object;
use crate::simulator::car::Car;
use crate::simulator::fleet::{ChargeStart, Era};
use crate::simulator::moment::{Moment, PlugState};

pub(super) fn charge_state(o: &mut Object, car: &Car, m: &Moment) {
    let model = car.identity.model;
    let era = model.era;
    let flowing = m.flow.amps > 0;
    let dc = m.dc && m.plugged();
    let of_pack = |kwh: f64| kwh / model.capacity;
    let level = m.level.round();
    // What the cold locks away.
    let locked = ((4.0 - m.outside) / 6.0).clamp(0.0, 4.0);
    let limit = car.identity.limit;
    let offered = match model.home {
        crate::simulator::charge::Outlet::Ac { amps, .. } => amps,
        crate::simulator::charge::Outlet::Dc { .. } => 0,
    };
    o.put("battery_heater_on", &false);
    o.put("battery_level", &(level as i64));
    o.real("battery_range", m.level / 100.0 * model.rated_miles, 2);
    if era == Era::Old {
        let volts = 330.0 + 0.7 * m.level;
        o.real("battery_current", -m.power * 1000.0 / volts, 1);
        o.put("eu_vehicle", &model.eu);
        o.put("motorized_charge_port", &true);
    } else {
        o.put("charge_amps", &offered);
    }
    o.put("charge_current_request", &offered);
    o.put("charge_current_request_max", &offered);
    o.put("charge_enable_request", &(m.charging != PlugState::Stopped));
    o.real("charge_energy_added", m.added_kwh, 2);
    o.put("charge_limit_soc", &limit);
    o.put("charge_limit_soc_max", &100);
    o.put("charge_limit_soc_min", &50);
    o.put(
        "charge_limit_soc_std",
        &if era >= Era::Recent { 80 } else { 90 },
    );
    o.real(
        "charge_miles_added_ideal",
        of_pack(m.added_kwh) * model.ideal_miles,
        1,
    );
    o.real(
        "charge_miles_added_rated",
        of_pack(m.added_kwh) * model.rated_miles,
        1,
    );
    match era {
        Era::Old | Era::Middle => o.null("charge_port_cold_weather_mode"),
        Era::Recent | Era::Latest => o.put("charge_port_cold_weather_mode", &(m.outside < -5.0)),
    }
    if era >= Era::Middle {
        o.put(
            "charge_port_color",
            match m.charging {
                PlugState::Charging => "FlashingGreen",
                PlugState::Starting => "Blue",
                PlugState::Complete => "Green",
                PlugState::Stopped => "Off",
                PlugState::Disconnected => "<invalid>",
            },
        );
    }
    o.put("charge_port_door_open", &m.plugged());
    o.put(
        "charge_port_latch",
        if m.plugged() || era >= Era::Recent {
            "Engaged"
        } else {
            "<invalid>"
        },
    );
    // mi/h of rated range
    o.real(
        "charge_rate",
        of_pack(m.flow.battery_kw) * model.rated_miles,
        1,
    );
    if era <= Era::Middle {
        o.put("charge_to_max_range", &(limit > 95));
    }
    charger(o, car, m, flowing, dc, offered);
    o.put("charging_state", m.charging.as_str());
    if era >= Era::Middle {
        let ac_cable = if model.eu { "IEC" } else { "SAE" };
        o.put(
            "conn_charge_cable",
            if m.plugged() { ac_cable } else { "<invalid>" },
        );
    }
    if model.extras {
        o.put("charging_schedule_override", &false);
        o.real("energy_remaining", m.kwh, 2);
        o.real("lifetime_energy_used", m.metres / 1000.0 * 0.19, 3);
        o.whole("module_temp_max", m.outside + 4.0);
        o.real("module_temp_min", m.outside + 2.5, 1);
    }
    if era < Era::Latest {
        o.real(
            "est_battery_range",
            m.level / 100.0 * model.rated_miles * 0.88,
            2,
        );
    }
    if era >= Era::Middle {
        let none = if era == Era::Recent { "" } else { "<invalid>" };
        o.put("fast_charger_brand", if dc { "Tesla" } else { none });
    }
    o.put("fast_charger_present", &dc);
    o.put(
        "fast_charger_type",
        match (dc, m.plugged(), era) {
            (true, _, Era::Old | Era::Middle) => "Tesla",
            (true, ..) => "Combo",
            (false, true, Era::Recent | Era::Latest) => "ACSingleWireCAN",
            _ => "<invalid>",
        },
    );
    o.real(
        "ideal_battery_range",
        m.level / 100.0 * model.ideal_miles,
        2,
    );
    if era <= Era::Middle {
        o.put("managed_charging_active", &false);
        o.null("managed_charging_start_time");
        o.put("managed_charging_user_canceled", &false);
    }
    o.put("max_range_charge_counter", &0);
    let minutes = (m.seconds_to_full / 60.0).round();
    if era >= Era::Middle {
        o.whole("minutes_to_full_charge", minutes);
    }
    match era {
        Era::Old => o.put("not_enough_power_to_heat", &false),
        _ if flowing => o.put("not_enough_power_to_heat", &false),
        _ => o.null("not_enough_power_to_heat"),
    }
    schedule(o, car, m);
    o.real("time_to_full_charge", m.seconds_to_full / 3600.0, 2);
    o.put("timestamp", &m.now);
    o.put("trip_charging", &(dc && flowing));
    o.whole("usable_battery_level", (level - locked).max(0.0).floor());
    match (era, flowing) {
        (Era::Middle, true) => o.put("user_charge_enable_request", &true),
        _ => o.null("user_charge_enable_request"),
    }
}

/// What flows. Alternating current has volts, amps and phases; on direct current only the power is
/// to be relied on: the volts are the pack's on old cars and 2 on newer ones, the amps 0, the phases
/// null.
fn charger(o: &mut Object, car: &Car, m: &Moment, flowing: bool, dc: bool, offered: i64) {
    let model = car.identity.model;
    let ac = flowing && !dc;
    o.put("charger_actual_current", &if ac { m.flow.amps } else { 0 });
    if ac {
        o.put("charger_phases", &model.phases_said);
    } else {
        o.null("charger_phases");
    }
    o.put("charger_pilot_current", &if dc { 0 } else { offered });
    o.whole("charger_power", m.flow.kw);
    let idle = if model.era >= Era::Recent { 2 } else { 0 };
    o.put(
        "charger_voltage",
        &match (flowing, dc, model.era) {
            (true, false, _) => m.flow.volts,
            (true, true, Era::Old) => m.flow.volts,
            (true, true, _) => 2,
            (false, ..) => idle,
        },
    );
}

fn schedule(o: &mut Object, car: &Car, m: &Moment) {
    let era = car.identity.model.era;
    let minute = match car.identity.charge_start {
        ChargeStart::AtOnce => None,
        ChargeStart::At(minute) => Some(minute),
    };
    let starts = m
        .charge_starts_at
        .filter(|at| minute.is_some() && *at > m.now);
    o.put("scheduled_charging_pending", &starts.is_some());
    match starts {
        Some(at) => o.put("scheduled_charging_start_time", &(at / 1000)),
        None => o.null("scheduled_charging_start_time"),
    }
    if era == Era::Old {
        return;
    }
    o.put("off_peak_charging_enabled", &minute.is_some());
    o.put(
        "off_peak_charging_times",
        if minute.is_some() {
            "weekdays"
        } else {
            "all_week"
        },
    );
    if era < Era::Latest {
        o.put("off_peak_hours_end_time", &360);
    }
    o.put("preconditioning_enabled", &car.identity.preheats);
    o.put("preconditioning_times", "all_week");
    o.put(
        "scheduled_charging_mode",
        if minute.is_some() { "StartAt" } else { "Off" },
    );
    let minute = minute.unwrap_or(0);
    if era == Era::Latest {
        o.put("scheduled_charging_start_time_minutes", &minute);
    } else {
        o.put("scheduled_charging_start_time_app", &minute);
    }
    match m.departure {
        Some(at) => {
            o.put("scheduled_departure_time", &(at / 1000));
            let local = car.identity.local_ms(at);
            o.put(
                "scheduled_departure_time_minutes",
                &(local.div_euclid(60_000).rem_euclid(1440)),
            );
        }
        None => {
            o.null("scheduled_departure_time");
            o.null("scheduled_departure_time_minutes");
        }
    }
    o.put("supercharger_session_trip_planner", &(m.dc && m.plugged()));
}

pub(super) fn schedules(o: &mut Object, car: &Car) {
    let id = &car.identity;
    let schedules: Vec<serde_json::Value> = match id.charge_start {
        ChargeStart::AtOnce => Vec::new(),
        ChargeStart::At(minute) => vec![serde_json::json!({
            "id": 1_700_000_001_i64, "name": "Night", "days_of_week": 127, "start_enabled": true,
            "start_time": minute, "end_enabled": false, "end_time": 0, "one_time": false,
            "enabled": true, "latitude": id.home.latitude, "longitude": id.home.longitude,
        })],
    };
    o.put("charge_schedules", &schedules);
}
