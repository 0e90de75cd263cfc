use metric_core::catalog::{Dashboard, Panel, Row, Visual};

use super::{about_cars, states};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-fleet",
        "Fleet overview",
        "All cars of the account at a glance.",
    )
    .with_row(
        Row::new("Cars")
            .with_panel(
                Panel::new("Last reported", Visual::Table)
                    .with_query(each("chargestate_battery_level"), "Battery")
                    .with_query(each("chargestate_battery_range"), "Range")
                    .with_query(each("vehiclestate_odometer"), "Odometer")
                    .with_query(each("climatestate_inside_temp"), "Inside")
                    .with_query(each("climatestate_outside_temp"), "Outside")
                    .with_query(each("vehiclestate_locked"), "Locked")
                    .with_size(24, 8),
            )
            .with_panel(states("What they do", "vehicle_activity").with_size(24, 8)),
    )
    .with_row(
        Row::new("How many")
            .with_panel(count("Online, asleep, offline", "vehicle_state"))
            .with_panel(count("What they do", "vehicle_activity")),
    )
    .with_row(
        Row::new("Charge")
            .with_panel(
                Panel::new("State of charge", Visual::Gauge)
                    .with_query(last("chargestate_battery_level"), "{{vehicle_id}}")
                    .with_bounds(0.0, 100.0)
                    .with_step(0.0, "red")
                    .with_step(20.0, "orange")
                    .with_step(40.0, "green"),
            )
            .with_panel(
                Panel::new("Charging power, all together", Visual::TimeSeries)
                    .with_query("sum(chargestate_charger_power)", "power")
                    .with_unit("kW"),
            ),
    )
    .with_row(
        Row::new("Models and software")
            .with_panel(Panel::info("Cars", "vehicle_info").with_size(24, 8)),
    )
    .since("now-1d")
}

fn last(metric: &str) -> String {
    format!("last_over_time({metric}[1d])")
}

/// With nothing but what tells cars apart: all else would be columns.
fn each(metric: &str) -> String {
    format!("max by (vehicle_id, vin) ({})", last(metric))
}

fn count(title: &str, metric: &str) -> Panel {
    Panel::new(title, Visual::TimeSeries)
        .with_query(format!("sum by (state) ({metric})"), "{{state}}")
        .with_unit("")
        .with_bounds(0.0, None)
}
