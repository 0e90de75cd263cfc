use metric_core::catalog::{Dashboard, Row};

use super::{about_cars, lines, states, truths};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-climate",
        "Climate",
        "Temperatures, and what heats and cools.",
    )
    .with_row(
        Row::new("Temperatures")
            .with_panel(
                lines("Inside and outside")
                    .with_query("climatestate_inside_temp", "{{vehicle_id}}: inside")
                    .with_query("climatestate_outside_temp", "{{vehicle_id}}: outside"),
            )
            .with_panel(
                lines("Wanted")
                    .with_query("climatestate_driver_temp_setting", "{{vehicle_id}}: driver")
                    .with_query(
                        "climatestate_passenger_temp_setting",
                        "{{vehicle_id}}: passenger",
                    ),
            ),
    )
    .with_row(
        Row::new("Climate")
            .with_panel(
                truths(
                    "On",
                    [
                        ("climatestate_is_climate_on", "climate"),
                        ("climatestate_is_preconditioning", "preconditioning"),
                        ("climatestate_is_front_defroster_on", "windscreen"),
                        ("climatestate_is_rear_defroster_on", "rear window"),
                    ],
                )
                .with_size(12, 10),
            )
            .with_panel(
                lines("Fan")
                    .with_query("climatestate_fan_status", "{{vehicle_id}}")
                    .with_size(12, 10),
            )
            .with_panel(states("Kept on for", "climatestate_climate_keeper_mode"))
            .with_panel(states(
                "Overheat protection",
                "climatestate_cabin_overheat_protection",
            )),
    )
    .with_row(
        Row::new("Seats and steering wheel")
            .with_panel(
                lines("Seat heaters")
                    .with_query(
                        "climatestate_seat_heater_left",
                        "{{vehicle_id}}: front left",
                    )
                    .with_query(
                        "climatestate_seat_heater_right",
                        "{{vehicle_id}}: front right",
                    )
                    .with_query(
                        "climatestate_seat_heater_rear_left",
                        "{{vehicle_id}}: rear left",
                    )
                    .with_query(
                        "climatestate_seat_heater_rear_center",
                        "{{vehicle_id}}: rear centre",
                    )
                    .with_query(
                        "climatestate_seat_heater_rear_right",
                        "{{vehicle_id}}: rear right",
                    )
                    .with_bounds(0.0, 3.0),
            )
            .with_panel(truths(
                "Heaters",
                [
                    ("climatestate_steering_wheel_heater", "steering wheel"),
                    ("climatestate_side_mirror_heaters", "mirrors"),
                    ("climatestate_wiper_blade_heater", "wipers"),
                    ("climatestate_battery_heater", "battery"),
                ],
            )),
    )
    .since("now-12h")
}
