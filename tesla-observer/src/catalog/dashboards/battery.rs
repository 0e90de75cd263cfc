use metric_core::catalog::{Dashboard, Row};

use super::{CAR, about_cars, latest, line, lines, truths};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-battery",
        "Battery and range",
        "How full the batteries are, how far that reaches, and how that changes over the years.",
    )
    .with_row(
        Row::new("Last reported")
            .with_panel(latest("State of charge", "chargestate_battery_level").with_bounds(0.0, 100.0))
            .with_panel(latest("Range", "chargestate_battery_range"))
            .with_panel(latest("Limit of charging", "chargestate_charge_limit_soc"))
            .with_panel(
                latest("Odometer", "vehiclestate_odometer"),
            ),
    )
    .with_row(
        Row::new("Over time")
            .with_panel(
                lines("State of charge")
                    .with_query("chargestate_battery_level", CAR)
                    .with_query("chargestate_usable_battery_level", "{{vehicle_id}}: usable")
                    .with_query("chargestate_charge_limit_soc", "{{vehicle_id}}: limit")
                    .with_bounds(0.0, 100.0),
            )
            .with_panel(
                lines("Range")
                    .with_query("chargestate_battery_range", "{{vehicle_id}}: official")
                    .with_query("chargestate_ideal_battery_range", "{{vehicle_id}}: ideal")
                    .with_query("chargestate_est_battery_range", "{{vehicle_id}}: by recent driving"),
            ),
    )
    .with_row(
        Row::new("Health")
            .with_panel(
                lines("Range at 100 %")
                    .with_query(
                        "100 * chargestate_battery_range / (chargestate_battery_level > 20)",
                        CAR,
                    )
                    .with_unit("[mi_i]")
                    .with_description(
                        "The official range, reckoned up to a full battery. Over months it shows the ageing; \
                         it is less exact the emptier the battery is, so that nothing below 20 % counts.",
                    ),
            )
            .with_panel(
                lines("Kept back by cold")
                    .with_query(
                        "chargestate_battery_level - chargestate_usable_battery_level",
                        CAR,
                    )
                    .with_unit("%")
                    .with_description(
                        "Charge that a cold battery cannot give: the state of charge less the usable one.",
                    ),
            )
            .with_panel(truths(
                "Battery heater",
                [("chargestate_battery_heater_on", "heating")],
            ))
            .with_panel(line("Temperature outside", "climatestate_outside_temp")),
    )
    .since("now-7d")
}
