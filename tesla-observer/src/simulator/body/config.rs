//! `vehicle_config` and `gui_settings`: what hardly ever changes.

use super::object::Object;
use crate::simulator::car::Car;
use crate::simulator::fleet::Era;
use crate::simulator::moment::Moment;

pub(super) fn vehicle_config(o: &mut Object, car: &Car, m: &Moment) {
    let model = car.identity.model;
    let era = model.era;
    let recent = era >= Era::Recent;
    let large = matches!(model.car_type, "s" | "modelx");
    if recent {
        o.put("aux_park_lamps", if model.eu { "Eu" } else { "NaPremium" });
        o.put("badge_version", &1);
        o.put("cop_user_set_temp_supported", &true);
        o.put("exterior_trim", "Black");
        o.put("exterior_trim_override", "");
        o.put("key_version", &2);
        o.put("paint_color_override", "24,24,27,0.9,0.3");
        o.put("performance_package", "Base");
        o.put("supports_qr_pairing", &false);
        o.put("webcam_selfie_supported", &true);
        o.put("webcam_supported", &true);
    }
    if era == Era::Latest {
        o.put("sentry_preview_supported", &true);
        o.put("steering_wheel_type", &3);
        o.put("webcam_interior_only", &false);
    }
    if era >= Era::Middle {
        o.put("can_accept_navigation_requests", &true);
        o.put("can_actuate_trunks", &true);
        o.put("car_special_type", "base");
    }
    o.put("car_type", model.car_type);
    o.put(
        "charge_port_type",
        match (model.eu, large) {
            (true, false) => "CCS",
            (true, true) => "EU",
            (false, _) => "US",
        },
    );
    if era >= Era::Middle {
        o.put("dashcam_clip_save_supported", &recent);
        o.put("default_charge_to_max", &false);
        o.put("driver_assist", if recent { "TeslaAP3" } else { "MonoCam" });
        o.put("ece_restrictions", &model.eu);
        o.put(
            "efficiency_package",
            match model.car_type {
                "model3" => "M32021",
                "modely" => "MY2021",
                _ => "Default",
            },
        );
    }
    o.put("eu_vehicle", &model.eu);
    o.put("exterior_color", model.color);
    if era == Era::Middle {
        o.put("front_drive_unit", "NoneOrSmall");
    }
    o.put("has_air_suspension", &large);
    o.put("has_ludicrous_mode", &false);
    if era >= Era::Middle {
        o.put("has_seat_cooling", &(era == Era::Latest));
        o.put("headlamp_type", if recent { "Global" } else { "Hid" });
        o.put(
            "interior_trim_type",
            if recent { "Black2" } else { "AllBlack" },
        );
    }
    o.put("motorized_charge_port", &true);
    if era <= Era::Middle {
        o.put("perf_config", "P1");
    }
    o.put("plg", &true);
    if era >= Era::Middle {
        o.put("pws", &(era == Era::Latest));
        o.put(
            "rear_drive_unit",
            if large { "Large" } else { "PM216MOSFET" },
        );
    }
    o.put("rear_seat_heaters", &if era == Era::Old { 0 } else { 1 });
    o.put("rear_seat_type", &0);
    o.put("rhd", &false);
    o.put("roof_color", if recent { "RoofColorGlass" } else { "None" });
    if recent {
        o.null("seat_type");
    } else {
        o.put("seat_type", &1);
    }
    o.put("spoiler_type", if large { "Passive" } else { "None" });
    match era {
        Era::Old => o.put("sun_roof_installed", &2),
        Era::Middle => o.put("sun_roof_installed", &true),
        Era::Recent | Era::Latest => o.null("sun_roof_installed"),
    }
    o.put(
        "third_row_seats",
        if era == Era::Middle {
            "FuturisFoldFlat"
        } else {
            "<invalid>"
        },
    );
    o.put("timestamp", &m.now);
    o.put("trim_badging", model.trim);
    o.put("use_range_badging", &recent);
    if era >= Era::Middle {
        o.put("utc_offset", &car.identity.utc_offset);
    }
    o.put("wheel_type", model.wheels);
}

pub(super) fn gui_settings(o: &mut Object, car: &Car, m: &Moment) {
    let model = car.identity.model;
    o.put("gui_24_hour_time", &model.eu);
    o.put(
        "gui_charge_rate_units",
        if model.eu { "kW" } else { "mi/hr" },
    );
    o.put(
        "gui_distance_units",
        if model.eu { "km/hr" } else { "mi/hr" },
    );
    o.put(
        "gui_range_display",
        if model.era == Era::Old {
            "Ideal"
        } else {
            "Rated"
        },
    );
    o.put("gui_temperature_units", if model.eu { "C" } else { "F" });
    if model.era >= Era::Recent {
        o.put(
            "gui_tirepressure_units",
            if model.eu { "Bar" } else { "Psi" },
        );
    }
    if model.era >= Era::Middle {
        o.put("show_range_units", &true);
    }
    o.put("timestamp", &m.now);
}
