use metric_core::catalog::{Dashboard, Panel, Row};

use super::{CAR, about_cars, latest, line, lines, truths};
use crate::catalog::WHEELS;

pub(super) fn dashboard() -> Dashboard {
    let last = Row::new("Last reported");
    let last = WHEELS.into_iter().fold(last, |row, (short, long)| {
        let title = format!("{}{}", long[..1].to_uppercase(), &long[1..]);
        row.with_panel(
            latest(&title, &format!("vehiclestate_tpms_pressure_{short}"))
                // Hardly any car of the maker wants less than 2.3 bar.
                .with_step(0.0, "red")
                .with_step(2.0, "orange")
                .with_step(2.4, "green"),
        )
    });
    about_cars("tesla-tyres", "Tyres", "Pressures and warnings.")
        .with_row(last)
        .with_row(
            Row::new("Over time")
                .with_panel(
                    each(lines("Pressure"), "vehiclestate_tpms_pressure_")
                        .with_query("vehiclestate_tpms_rcp_front_value", "{{vehicle_id}}: recommended in front")
                        .with_query("vehiclestate_tpms_rcp_rear_value", "{{vehicle_id}}: recommended in the rear")
                        .with_size(24, 10),
                )
                .with_panel(warnings("Too little", "vehiclestate_tpms_soft_warning_"))
                .with_panel(warnings("Dangerously little", "vehiclestate_tpms_hard_warning_"))
                .with_panel(
                    WHEELS
                        .into_iter()
                        .fold(lines("How old the pressures are"), |panel, (short, long)| {
                            let told = format!("vehiclestate_tpms_last_seen_pressure_time_{short}");
                            panel.with_query(format!("time() - {told}"), format!("{CAR}: {long}"))
                        })
                        .with_unit("s")
                        .with_description("Time since each wheel's sensor was heard. They are silent while parked."),
                )
                .with_panel(line("Temperature outside", "climatestate_outside_temp")),
        )
        .since("now-7d")
}

fn each(panel: Panel, metric: &str) -> Panel {
    WHEELS.into_iter().fold(panel, |panel, (short, long)| {
        panel.with_query(format!("{metric}{short}"), format!("{CAR}: {long}"))
    })
}

fn warnings(title: &str, metric: &str) -> Panel {
    let metrics = WHEELS.map(|(short, long)| (format!("{metric}{short}"), long));
    let metrics = metrics
        .iter()
        .map(|(metric, long)| (metric.as_str(), *long));
    truths(title, metrics).with_step(1.0, "red")
}
