use metric_core::catalog::{Dashboard, Row};

use super::{CAR, about_cars, line, lines, states};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-driving",
        "Driving and efficiency",
        "Drives, and what they take.",
    )
    .with_row(
        Row::new("Drives")
            .with_panel(states("Gear", "drivestate_shift_state"))
            .with_panel(line("Speed", "drivestate_speed"))
            .with_panel(line("Power", "drivestate_power").with_description(
                "Power out of the battery; negative for recuperation and while charging.",
            ))
            .with_panel(line("Odometer", "vehiclestate_odometer")),
    )
    .with_row(
        Row::new("Distance and efficiency")
            .with_panel(
                lines("Distance a day")
                    .with_query("increase(vehiclestate_odometer[1d])", CAR)
                    .with_unit("[mi_i]")
                    .with_description("Driven in the last 24 hours."),
            )
            .with_panel(
                lines("Range used for each mile driven")
                    .with_query(
                        "-delta(chargestate_battery_range[1h]) / (increase(vehiclestate_odometer[1h]) > 0.5)",
                        CAR,
                    )
                    .with_unit("1")
                    .with_description(
                        "Over the last hour: 1 is as the official consumption, above it is more. Negative if \
                         it was charged.",
                    ),
            )
            .with_panel(
                lines("Consumption")
                    .with_query(
                        "1000 * avg_over_time(drivestate_power[15m]) * 0.25 / (increase(vehiclestate_odometer[15m]) > 0.5)",
                        CAR,
                    )
                    .with_unit("W.h/[mi_i]")
                    .with_description(
                        "Mean power over the last quarter of an hour by the distance driven in it. It is too \
                         high for a drive that was shorter.",
                    ),
            )
            .with_panel(line("Temperature outside", "climatestate_outside_temp")),
    )
    .with_row(
        Row::new("Where to")
            .with_panel(line("Time to arrival", "drivestate_active_route_minutes_to_arrival"))
            .with_panel(line("Distance to arrival", "drivestate_active_route_miles_to_arrival"))
            .with_panel(line(
                "Delay by traffic",
                "drivestate_active_route_traffic_minutes_delay",
            ))
            .with_panel(line(
                "State of charge at arrival",
                "drivestate_active_route_energy_at_arrival",
            )),
    )
    .since("now-1d")
}
