//! `vehicle_state` and `closures_state`.

use super::object::Object;
use crate::simulator::car::Car;
use crate::simulator::fleet::Era;
use crate::simulator::moment::{Moment, PlugState, Update};

/// Doors, windows and the lock: what `closures_state` repeats.
pub(super) fn closures(o: &mut Object, car: &Car, m: &Moment) {
    o.put("df", &i64::from(m.door_open));
    for door in ["dr", "pf", "pr", "ft", "rt"] {
        o.put(door, &0);
    }
    if car.identity.model.era >= Era::Middle {
        for window in ["fd_window", "fp_window", "rd_window", "rp_window"] {
            o.put(window, &0);
        }
    }
    o.put("locked", &(!m.user_present));
    o.put("is_user_present", &m.user_present);
}

pub(super) fn vehicle_state(o: &mut Object, car: &Car, m: &Moment) {
    let id = &car.identity;
    let model = id.model;
    let era = model.era;
    let recent = era >= Era::Recent;
    o.put("api_version", &model.api_version);
    match era {
        Era::Old => {
            o.put("autopark_state", "unavailable");
            o.put("car_type", model.car_type);
            o.put("dark_rims", &false);
            o.put("exterior_color", model.color);
            o.put("has_spoiler", &true);
            o.put("perf_config", "Base");
            o.put("rear_seat_heaters", &1);
            o.put("rhd", &false);
            o.put("roof_color", "None");
            o.put("seat_type", &1);
            o.put("third_row_seats", "None");
            o.put("wheel_type", model.wheels);
            o.put("vehicle_state_sun_roof_percent_open", &0);
        }
        Era::Middle => {
            o.put("autopark_state_v2", "standby");
            o.put("autopark_style", "standard");
        }
        Era::Recent => o.put("autopark_state_v2", "unavailable"),
        Era::Latest => o.put("autopark_state_v3", "ready"),
    }
    o.put("calendar_supported", &true);
    o.put(
        "car_version",
        model.versions[m.version % model.versions.len()],
    );
    o.put("center_display_state", &center_display(m));
    closures(o, car, m);
    if era >= Era::Middle {
        let dashcam = match (recent, m.driving()) {
            (true, true) => "Recording",
            (true, false) => "Available",
            (false, _) => "<invalid>",
        };
        o.put("dashcam_clip_save_available", &recent);
        o.put("dashcam_state", dashcam);
        o.put(
            "feature_bitmask",
            if recent { "fbdffbff,187f" } else { "5,0" },
        );
        o.put("homelink_device_count", &1);
        o.put("homelink_nearby", &m.at_home);
        o.put("last_autopark_error", "no_error");
        media(o, m, recent);
        o.put("santa_mode", &0);
    }
    o.put("notifications_supported", &true);
    o.real("odometer", Moment::miles(m.metres), 6);
    o.put("parsed_calendar_supported", &true);
    o.put("remote_start", &false);
    if era >= Era::Middle {
        o.put("remote_start_enabled", &true);
    }
    o.put("remote_start_supported", &true);
    if recent {
        o.put("sentry_mode", &m.sentry);
        o.put("sentry_mode_available", &true);
        o.put("service_mode", &false);
        o.put("service_mode_plus", &false);
        o.put("vehicle_self_test_progress", &0);
        o.put("vehicle_self_test_requested", &false);
        o.put("webcam_available", &true);
    }
    if era >= Era::Middle {
        o.put("smart_summon_available", &recent);
        o.put("summon_standby_mode_enabled", &false);
        software(o, car, m);
        o.nested("speed_limit_mode", |o| {
            o.put("active", &false);
            o.real("current_limit_mph", 80.0, 1);
            o.put("max_limit_mph", &120);
            o.put("min_limit_mph", &50);
            o.put("pin_code_set", &false);
        });
        o.put("valet_pin_needed", &true);
    }
    if model.sun_roof {
        if era == Era::Old {
            o.put("sun_roof_installed", &2);
        }
        o.put("sun_roof_percent_open", &0);
        o.put("sun_roof_state", "closed");
    } else if era == Era::Recent {
        o.null("sun_roof_percent_open");
        o.put("sun_roof_state", "unknown");
    }
    o.put("timestamp", &m.now);
    tyres(o, era, m);
    o.put("valet_mode", &false);
    o.put("vehicle_name", &id.name);
}

fn center_display(m: &Moment) -> i64 {
    match (m.driving() || m.user_present, m.charging, m.sentry) {
        (true, ..) => 2,
        (false, PlugState::Charging, _) => 3,
        (false, _, true) => 7,
        _ => 0,
    }
}

fn media(o: &mut Object, m: &Moment, recent: bool) {
    if recent {
        o.nested("media_info", |o| {
            let playing = m.driving();
            if m.user_present {
                o.put("a2dp_source_name", "Phone");
            }
            o.real("audio_volume", 2.6667, 4);
            o.real("audio_volume_increment", 0.333_333, 6);
            o.real("audio_volume_max", 10.333_333, 6);
            o.put(
                "media_playback_status",
                if playing { "Playing" } else { "Stopped" },
            );
            o.put("now_playing_album", if playing { "Voltages" } else { "" });
            o.put(
                "now_playing_artist",
                if playing { "The Simulators" } else { "" },
            );
            o.put("now_playing_duration", &if playing { 240_000 } else { 0 });
            o.put(
                "now_playing_elapsed",
                &if playing {
                    m.now.rem_euclid(240_000)
                } else {
                    0
                },
            );
            o.put("now_playing_source", if playing { "Bluetooth" } else { "" });
            o.put("now_playing_station", "");
            o.put(
                "now_playing_title",
                if playing { "Ohm Sweet Ohm" } else { "" },
            );
        });
    }
    o.nested("media_state", |o| o.put("remote_control_enabled", &true));
}

fn software(o: &mut Object, car: &Car, m: &Moment) {
    let versions = car.identity.model.versions;
    let next = versions[(m.version + 1) % versions.len()];
    let next = next.split(' ').next().unwrap_or(next);
    let (status, download, install, version) = match m.update {
        Update::Idle => ("", 0, 1, " "),
        Update::Downloading(percent) => ("downloading", percent, 1, next),
        Update::Scheduled(_) if car.identity.model.era == Era::Middle => {
            ("scheduled", 100, 1, next)
        }
        Update::Scheduled(_) => ("available", 100, 1, next),
        Update::Installing(percent) => ("installing", 100, percent, next),
    };
    o.nested("software_update", |o| {
        o.put("download_perc", &download);
        o.put("expected_duration_sec", &1_500);
        o.put("install_perc", &install);
        if let (Update::Scheduled(at), "scheduled") = (m.update, status) {
            o.put("scheduled_time_ms", &at);
        }
        o.put("status", status);
        o.put("version", version);
    });
}

/// Pressure of a constant volume of air: 2.9 bar over the atmosphere at 20 °C.
fn pressure(celsius: f64, wheel: f64) -> f64 {
    let bar = (2.9 + 0.02 * wheel + 1.013) * (celsius + 273.15) / 293.15 - 1.013;
    (bar * 40.0).round() / 40.0
}

fn tyres(o: &mut Object, era: Era, m: &Moment) {
    const PRESSURE: [&str; 4] = [
        "tpms_pressure_fl",
        "tpms_pressure_fr",
        "tpms_pressure_rl",
        "tpms_pressure_rr",
    ];
    if era == Era::Old {
        return;
    }
    if era == Era::Middle {
        for name in PRESSURE {
            o.null(name);
        }
        return;
    }
    const SEEN: [&str; 4] = [
        "tpms_last_seen_pressure_time_fl",
        "tpms_last_seen_pressure_time_fr",
        "tpms_last_seen_pressure_time_rl",
        "tpms_last_seen_pressure_time_rr",
    ];
    const SOFT: [&str; 4] = [
        "tpms_soft_warning_fl",
        "tpms_soft_warning_fr",
        "tpms_soft_warning_rl",
        "tpms_soft_warning_rr",
    ];
    const HARD: [&str; 4] = [
        "tpms_hard_warning_fl",
        "tpms_hard_warning_fr",
        "tpms_hard_warning_rl",
        "tpms_hard_warning_rr",
    ];
    let (seen, celsius) = m.tyres;
    for wheel in 0..4 {
        let bar = pressure(celsius, wheel as f64 - 1.5);
        o.real(PRESSURE[wheel], bar, 3);
        o.put(SEEN[wheel], &(seen / 1000 - wheel as i64));
        o.put(SOFT[wheel], &(bar < 2.4));
        o.put(HARD[wheel], &(bar < 2.0));
    }
    o.real("tpms_rcp_front_value", 2.9, 1);
    o.real("tpms_rcp_rear_value", 2.9, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tyres_hold_2_9_bar_at_20_degrees_and_more_when_warm() {
        assert_eq!(pressure(20.0, 0.0), 2.9);
        assert!(pressure(35.0, 0.0) > 3.0);
        assert!(pressure(0.0, 0.0) < 2.7);
    }
}
