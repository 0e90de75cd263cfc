//! The energy site among the products: a home battery, which is no car.

/// What `products` says of it; its `id` is a string, and it has no `vehicle_id`.
pub(in crate::simulator) fn energy_site(now_ms: i64) -> String {
    // Fills by day and empties by night.
    let day = now_ms.rem_euclid(86_400_000) as f64 / 86_400_000.0;
    let level = 55.0 - 40.0 * (day * std::f64::consts::TAU).cos();
    serde_json::json!({
        "energy_site_id": 2_470_000_000_001_i64,
        "resource_type": "battery",
        "site_name": "Casa Simulada",
        "id": "STE-SIM-0001",
        "gateway_id": "SIM-00000-00-A--TG000000000001",
        "asset_site_id": "00000000-0000-4000-8000-000000000001",
        "warp_site_number": "STE-SIM-0001",
        "battery_type": "ac_powerwall",
        "battery_power": (-1_800.0 * (day * std::f64::consts::TAU).sin()).round() as i64,
        "percentage_charged": level,
        "energy_left": level / 100.0 * 13_500.0,
        "total_pack_energy": 13_500,
        "backup_capable": true,
        "storm_mode_enabled": false,
        "sync_grid_alert_enabled": true,
        "breaker_alert_enabled": true,
        "go_off_grid_test_banner_enabled": null,
        "components": {
            "battery": true, "battery_type": "ac_powerwall", "solar": true, "solar_type": "pv_panel",
            "grid": true, "load_meter": true,
        },
        "features": { "rate_plan_manager_no_pricing_constraint": true },
    })
    .to_string()
}
