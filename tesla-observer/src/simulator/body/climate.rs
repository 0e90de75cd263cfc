//! `climate_state`.

use super::object::Object;
use crate::simulator::car::Car;
use crate::simulator::fleet::Era;
use crate::simulator::moment::Moment;

pub(super) fn climate_state(o: &mut Object, car: &Car, m: &Moment) {
    let era = car.identity.model.era;
    let on = m.climate_on;
    let recent = era >= Era::Recent;
    let cold = m.outside < 6.0 && on;
    let heat = i64::from(cold) * 2;
    if era >= Era::Middle {
        o.put("allow_cabin_overheat_protection", &recent);
    }
    if recent {
        o.put("auto_seat_climate_left", &true);
        o.put("auto_seat_climate_right", &false);
        o.put("auto_steering_wheel_heat", &true);
        o.put("bioweapon_mode", &false);
        o.put(
            "cabin_overheat_protection_actively_cooling",
            &(!on && m.inside > 40.0),
        );
        o.put("cop_activation_temperature", "High");
        o.put("steering_wheel_heat_level", &i64::from(cold));
    }
    if era >= Era::Middle {
        o.put("battery_heater", &false);
        if recent {
            o.null("battery_heater_no_power");
        } else {
            o.put("battery_heater_no_power", &false);
        }
        o.put(
            "cabin_overheat_protection",
            if recent { "FanOnly" } else { "Off" },
        );
        o.put("climate_keeper_mode", if m.dog { "dog" } else { "off" });
        o.put(
            "defrost_mode",
            &i64::from(m.preconditioning && m.outside < 0.0),
        );
        o.put("hvac_auto_request", "On");
    }
    o.real("driver_temp_setting", 21.0, 1);
    o.put(
        "fan_status",
        &if on {
            2 + i64::from((m.inside - 21.0).abs() > 3.0) * 3
        } else {
            0
        },
    );
    o.real("inside_temp", m.inside, 1);
    o.put("is_auto_conditioning_on", &on);
    o.put("is_climate_on", &on);
    o.put(
        "is_front_defroster_on",
        &(m.preconditioning && m.outside < 0.0),
    );
    if era >= Era::Middle {
        o.put("is_preconditioning", &m.preconditioning);
    }
    o.put(
        "is_rear_defroster_on",
        &(m.preconditioning && m.outside < 0.0),
    );
    if era == Era::Old && !on {
        o.null("left_temp_direction");
        o.null("right_temp_direction");
    } else {
        o.put("left_temp_direction", &-223);
        o.put("right_temp_direction", &251);
    }
    o.real("max_avail_temp", 28.0, 1);
    o.real("min_avail_temp", 15.0, 1);
    o.real("outside_temp", (m.outside * 2.0).round() / 2.0, 1);
    o.real("passenger_temp_setting", 21.0, 1);
    if era >= Era::Middle {
        o.put("remote_heater_control_enabled", &m.preconditioning);
    }
    seats(o, car, m, heat);
    o.put("side_mirror_heaters", &cold);
    if era <= Era::Middle {
        o.put("smart_preconditioning", &false);
    }
    if era >= Era::Middle {
        o.put("steering_wheel_heater", &cold);
        o.put("supports_fan_only_cabin_overheat_protection", &recent);
    }
    o.put("timestamp", &m.now);
    o.put("wiper_blade_heater", &(cold && m.outside < 0.0));
}

fn seats(o: &mut Object, car: &Car, m: &Moment, heat: i64) {
    let era = car.identity.model.era;
    if era == Era::Old {
        // Booleans there, levels since.
        o.put("seat_heater_left", &(heat > 0));
        for name in [
            "seat_heater_right",
            "seat_heater_rear_center",
            "seat_heater_rear_left",
        ] {
            o.put(name, &false);
        }
        o.put("seat_heater_rear_right", &false);
        o.put("seat_heater_rear_left_back", &0);
        o.put("seat_heater_rear_right_back", &0);
        return;
    }
    o.put("seat_heater_left", &heat);
    for name in [
        "seat_heater_right",
        "seat_heater_rear_center",
        "seat_heater_rear_left",
        "seat_heater_rear_right",
    ] {
        o.put(name, &0);
    }
    if era == Era::Middle {
        o.put("seat_heater_third_row_left", &0);
        o.put("seat_heater_third_row_right", &0);
    }
    if era == Era::Latest {
        o.put(
            "seat_fan_front_left",
            &(i64::from(m.climate_on && m.outside > 22.0) * 2),
        );
        o.put("seat_fan_front_right", &0);
    }
}

pub(super) fn schedules(o: &mut Object, car: &Car) {
    let id = &car.identity;
    let schedules: Vec<serde_json::Value> = if id.preheats {
        vec![serde_json::json!({
            "id": 1_700_000_002_i64, "name": "Morning", "days_of_week": 31, "precondition_time": 420,
            "one_time": false, "enabled": true,
            "latitude": id.home.latitude, "longitude": id.home.longitude,
        })]
    } else {
        Vec::new()
    };
    o.put("precondition_schedules", &schedules);
}
