use metric_core::catalog::{Dashboard, Row};

use super::{CAR, about_cars, line, lines, states, truths};

pub(super) fn dashboard() -> Dashboard {
    about_cars(
        "tesla-sleep",
        "Vampire drain and sleep",
        "Whether the cars sleep, what keeps them awake, and what they lose while parked.",
    )
    .with_row(
        Row::new("Sleep")
            .with_panel(states("State", "vehicle_state").with_size(24, 7))
            .with_panel(states("What it does", "vehicle_activity").with_size(24, 7))
            .with_panel(
                lines("Time asleep in the last day")
                    .with_query("100 * avg_over_time(vehicle_state{state=\"asleep\"}[1d])", CAR)
                    .with_unit("%")
                    .with_bounds(0.0, 100.0)
                    .with_description("Share of the last 24 hours in which it slept."),
            )
            .with_panel(
                lines("Awakenings a day")
                    .with_query("ceil(changes(vehicle_state_online[1d]) / 2)", CAR)
                    .with_unit("")
                    .with_description("How often it came online in the last 24 hours."),
            ),
    )
    .with_row(
        Row::new("Drain")
            .with_panel(
                lines("Range lost while parked, a day")
                    .with_query(
                        "(-delta(chargestate_battery_range[1d]) - increase(vehiclestate_odometer[1d])) \
                         and on (vehicle_id, vin) (max_over_time(chargestate_charging_state{state=\"charging\"}[1d]) == 0)",
                        CAR,
                    )
                    .with_unit("[mi_i]")
                    .with_description(
                        "Range lost in the last 24 hours beyond what was driven, if it was not charged. A \
                         thirsty drive counts, too.",
                    ),
            )
            .with_panel(line("State of charge", "chargestate_battery_level").with_bounds(0.0, 100.0)),
    )
    .with_row(
        Row::new("What keeps it awake")
            .with_panel(
                truths(
                    "Signs of use",
                    [
                        ("vehiclestate_is_user_present", "somebody is in it"),
                        ("climatestate_is_climate_on", "climate"),
                        ("climatestate_is_preconditioning", "preconditioning"),
                        ("vehiclestate_sentry_mode", "sentry mode"),
                    ],
                )
                .with_size(24, 10),
            )
            .with_panel(states(
                "Overheat protection",
                "climatestate_cabin_overheat_protection",
            ))
            .with_panel(states("Centre display", "vehiclestate_center_display_state")),
    )
    .since("now-2d")
}
