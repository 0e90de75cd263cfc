use metric_core::catalog::{Dashboard, Panel, Row, Visual};

use super::{CAR, about_cars, line, lines, states, truths};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-charging",
        "Charging sessions",
        "What is charged, when, how fast and from what.",
    )
    .with_row(
        Row::new("Sessions")
            .with_panel(states("Charging", "chargestate_charging_state").with_size(24, 7))
            .with_panel(
                Panel::new("Energy added a day", Visual::TimeSeries)
                    .with_query("increase(chargestate_charge_energy_added[1d])", CAR)
                    .with_unit("kW.h")
                    .with_description(
                        "Sum of all sessions of the last 24 hours. The car's counter begins anew with each \
                         session, which `increase` knows how to add up.",
                    ),
            )
            .with_panel(
                Panel::new("Sessions a day", Visual::TimeSeries)
                    .with_query(
                        "ceil(changes(chargestate_charging_state{state=\"charging\"}[1d]) / 2)",
                        CAR,
                    )
                    .with_unit("")
                    .with_description("How often charging began in the last 24 hours."),
            ),
    )
    .with_row(
        Row::new("While it charges")
            .with_panel(line("Power", "chargestate_charger_power"))
            .with_panel(line("Energy added in this session", "chargestate_charge_energy_added"))
            .with_panel(
                lines("Current")
                    .with_query("chargestate_charger_actual_current", "{{vehicle_id}}: flows")
                    .with_query("chargestate_charger_pilot_current", "{{vehicle_id}}: offered")
                    .with_query("chargestate_charge_current_request", "{{vehicle_id}}: requested"),
            )
            .with_panel(line("Voltage", "chargestate_charger_voltage"))
            .with_panel(
                lines("State of charge")
                    .with_query("chargestate_battery_level", CAR)
                    .with_query("chargestate_charge_limit_soc", "{{vehicle_id}}: limit")
                    .with_bounds(0.0, 100.0),
            )
            .with_panel(line("Time until the limit is reached", "chargestate_time_to_full_charge"))
            .with_panel(line("Range added per hour", "chargestate_charge_rate"))
            .with_panel(truths(
                "Direct current",
                [("chargestate_fast_charger_present", "direct current")],
            )),
    )
    .since("now-2d")
}
