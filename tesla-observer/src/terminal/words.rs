//! A vehicle in words: a row of the table, or a line.

use std::io;

use comfy_table::{ContentArrangement, Table};
use jiff::tz::TimeZone;

use super::board::Row;
use crate::fetch::Availability;
use crate::model::AtAGlance;

/// Text from outside, made harmless for a terminal: no control characters, no marks that turn the
/// writing's direction, and not too long.
pub fn clean(text: &str, most: usize) -> String {
    let harmless = |c: char| match c {
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    let mut cleaned: String = text.chars().take(most).map(harmless).collect();
    if text.chars().nth(most).is_some() {
        cleaned.pop();
        cleaned.push('…');
    }
    cleaned
}

/// Text from outside in several lines, each made harmless.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| clean(line, usize::MAX)).collect();
    lines.join("\n")
}

/// A table in the project's style, as wide as the terminal at most.
pub fn table<T: Into<comfy_table::Row>>(header: T) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some(width) = width() {
        table.set_width(width);
    }
    table
}

/// The terminal's columns, if standard output is one.
pub fn width() -> Option<u16> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0)
}

/// How many columns the table of vehicles has at most.
pub(super) const COLUMNS: usize = 9;

/// The table's header.
pub(super) const HEADER: [&str; COLUMNS] = [
    "Car", "State", "Battery", "Range", "Cabin", "Outside", "Odometer", "Locked", "Asked",
];

/// The column of the name, and that of what the vehicle does.
pub(super) const NAME: usize = 0;
pub(super) const DOING: usize = 1;

/// The columns that go if there is no room, the first one first.
pub(super) const EXPENDABLE: [usize; 7] = [6, 5, 7, 8, 4, 3, 2];

/// A row of the table.
pub(super) fn row(row: &Row) -> [String; COLUMNS] {
    let nothing = AtAGlance::default();
    let glance = row.glance.as_ref().unwrap_or(&nothing);
    let unit = |value: Option<f64>, unit: &str| match value {
        Some(value) => format!("{value:.0} {unit}"),
        None => String::new(),
    };
    let doing = match &row.problem {
        Some(problem) => format!("failed: {problem}"),
        None => Some(doing(glance))
            .filter(|doing| !doing.is_empty())
            .unwrap_or_else(|| state(row)),
    };
    [
        row.name.clone(),
        doing,
        battery(glance.battery_percent),
        unit(glance.range_miles, "mi"),
        unit(glance.inside_celsius, "°C"),
        unit(glance.outside_celsius, "°C"),
        unit(glance.odometer_miles, "mi"),
        match glance.locked {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        },
        asked(row, "%H:%M:%S"),
    ]
}

/// A line.
pub(super) fn line(row: &Row) -> String {
    let mut parts = vec![state(row)];
    if let Some(problem) = &row.problem {
        parts.push(problem.clone());
    }
    if let Some(glance) = &row.glance {
        let mut number = |name: &str, value: Option<f64>, digits: usize, unit: &str| {
            if let Some(value) = value {
                parts.push(format!("{name}{value:.digits$} {unit}"));
            }
        };
        number("battery ", glance.battery_percent, 0, "%");
        number("range ", glance.range_miles, 1, "mi");
        number("cabin ", glance.inside_celsius, 1, "°C");
        number("outside ", glance.outside_celsius, 1, "°C");
        number("odometer ", glance.odometer_miles, 1, "mi");
        let doing = doing(glance);
        if !doing.is_empty() {
            parts.insert(1, doing);
        }
        match glance.locked {
            Some(true) => parts.push("locked".to_owned()),
            Some(false) => parts.push("unlocked".to_owned()),
            None => {}
        }
        if let Some(software) = &glance.software {
            parts.push(format!("software {}", clean(software, 30)));
        }
    }
    format!(
        "{} {}: {}",
        asked(row, "%Y-%m-%dT%H:%M:%S%:z"),
        row.name,
        parts.join(", ")
    )
}

fn asked(row: &Row, format: &str) -> String {
    row.asked.map_or_else(String::new, |asked| {
        asked
            .to_zoned(TimeZone::system())
            .strftime(format)
            .to_string()
    })
}

fn state(row: &Row) -> String {
    let word = match row.availability {
        // Online and not read: it is left alone.
        Some(Availability::Online) if row.glance.is_none() && row.asked.is_some() => {
            "online, may fall asleep"
        }
        Some(Availability::Online) => "online",
        Some(Availability::Asleep) => "asleep",
        Some(Availability::Offline) => "offline",
        Some(Availability::InService) => "in service",
        Some(Availability::Unknown) => "unknown",
        None if row.problem.is_some() => "failed",
        None => "…",
    };
    word.to_owned()
}

fn doing(glance: &AtAGlance) -> String {
    let mut words = glance
        .activity
        .as_deref()
        .map(|activity| clean(activity, 30))
        .unwrap_or_default();
    if let Some(speed) = glance.speed_mph.filter(|speed| *speed != 0.0) {
        words += &format!(" {speed:.0} mi/h");
    }
    if let Some(power) = glance.charging_kw {
        words += &format!(" {power:.0} kW");
    }
    if let Some(minutes) = glance.minutes_to_full.filter(|minutes| *minutes >= 1.0) {
        words += &format!(
            ", full in {:.0}:{:02.0} h",
            (minutes / 60.0).floor(),
            (minutes % 60.0).floor()
        );
    }
    words.trim().to_owned()
}

/// The state of charge as a picture and a number.
fn battery(percent: Option<f64>) -> String {
    const LENGTH: usize = 8;
    let Some(percent) = percent.filter(|percent| percent.is_finite()) else {
        return String::new();
    };
    let part = (percent.clamp(0.0, 100.0) / 100.0 * 8.0).round();
    let full = (1..=LENGTH).filter(|n| *n as f64 <= part).count();
    let (full, empty) = ("█".repeat(full), "░".repeat(LENGTH - full));
    format!("{full}{empty} {percent:.0} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_shown_as_text() {
        assert_eq!(
            clean("Ju\u{1b}[2J\u{7}\r\n", 30),
            "Ju\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(clean("a\u{202e}b", 30), "a\u{fffd}b");
        assert_eq!(clean(&"x".repeat(10_000), 5), "xxxx…");
        assert_eq!(clean("Žofie 🚗", 30), "Žofie 🚗");
    }

    #[test]
    fn a_line_says_what_the_car_reports() {
        let row = Row {
            vin: "VIN".to_owned(),
            name: "Ju".to_owned(),
            availability: Some(Availability::Online),
            glance: Some(AtAGlance {
                battery_percent: Some(72.0),
                range_miles: Some(201.26),
                activity: Some("charging (AC)".to_owned()),
                charging_kw: Some(11.0),
                minutes_to_full: Some(80.0),
                locked: Some(true),
                ..AtAGlance::default()
            }),
            problem: None,
            asked: None,
            next: None,
            key: None,
        };
        assert_eq!(
            line(&row),
            " Ju: online, charging (AC) 11 kW, full in 1:20 h, battery 72 %, range 201.3 mi, locked"
        );
        assert_eq!(
            super::row(&row)[..3],
            ["Ju", "charging (AC) 11 kW, full in 1:20 h", "██████░░ 72 %"]
        );
    }

    #[test]
    fn no_number_breaks_the_picture() {
        for percent in [f64::NAN, f64::INFINITY, -5.0, 0.0, 100.0, 1e300] {
            let _ = battery(Some(percent));
        }
        assert_eq!(battery(Some(100.0)), "████████ 100 %");
        assert_eq!(battery(Some(0.0)), "░░░░░░░░ 0 %");
    }
}
