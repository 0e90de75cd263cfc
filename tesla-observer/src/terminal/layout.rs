//! The picture of the board: as wide and as high as the terminal, whatever the cars are called.

use std::borrow::Cow;

use comfy_table::ContentArrangement;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::board::{Board, Row};
use super::words;

/// The terminal's columns and rows.
pub(super) fn size() -> (u16, u16) {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((width, height)) if width.0 > 0 && height.0 > 0 => (width.0, height.0),
        _ => (80, 24),
    }
}

/// In front of a message's further lines.
const INDENT: &str = "  ";

/// The heading, the table, and the last messages: no line is wider, and all are one line less high
/// than the terminal.
pub(super) fn picture(board: &Board, heading: &str, (width, height): (u16, u16)) -> String {
    let width = usize::from(width).max(20);
    let most = usize::from(height).max(4) - 1;
    let heading: Vec<Cow<'_, str>> = wrapped(heading, width);
    let state = board.state();
    let lines_of_table = 4;
    // The latest messages, whole if there is room for them.
    let mut notes: Vec<String> = Vec::new();
    for note in state.notes.iter().rev() {
        let mut lines = wrapped(note, width - INDENT.len()).into_iter();
        let first = lines.next().unwrap_or_default().into_owned();
        let further = lines.map(|line| format!("{INDENT}{line}"));
        let note: Vec<String> = std::iter::once(first).chain(further).take(4).collect();
        if notes.len() + note.len() > most / 3 {
            break;
        }
        notes.splice(0..0, note);
    }
    let room = most.saturating_sub(heading.len() + lines_of_table + notes.len());
    let shown = match state.rows.len() {
        all if all <= room => all,
        // One line says how many more there are.
        _ => room.saturating_sub(1).max(1),
    };
    let mut lines: Vec<String> = heading.into_iter().map(Cow::into_owned).collect();
    if state.rows.is_empty() {
        lines.push("Looking for the account's cars …".to_owned());
    } else {
        let table = table(state.rows.iter().take(shown), width);
        lines.extend(table.lines().map(str::to_owned));
        if let Some(more) = state.rows.len().checked_sub(shown).filter(|more| *more > 0) {
            lines.push(format!("… and {more} more"));
        }
    }
    lines.extend(notes);
    let mut picture = String::new();
    for line in lines.iter().take(most) {
        picture += &cut(line, width);
        picture.push('\n');
    }
    picture
}

/// The table with as many columns as there is room for, each vehicle on one line.
fn table<'a>(rows: impl Iterator<Item = &'a Row>, width: usize) -> String {
    let mut cells: Vec<[String; words::COLUMNS]> = vec![words::HEADER.map(str::to_owned)];
    cells.extend(rows.map(words::row));
    let mut widths = [0; words::COLUMNS];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    // What nobody reports takes no room.
    let mut columns: Vec<usize> = (0..words::COLUMNS)
        .filter(|column| cells.iter().skip(1).any(|row| !row[*column].is_empty()))
        .collect();
    // A space on both sides of each, and the lines between them.
    let whole = |columns: &[usize], widths: &[usize]| {
        columns
            .iter()
            .map(|column| widths[*column] + 3)
            .sum::<usize>()
            + 1
    };
    // A long name or activity is cut before a whole column goes.
    const LEAST: [(usize, usize); 2] = [(words::DOING, 35), (words::NAME, 12)];
    let shrunk = |columns: &[usize]| {
        let mut widths = widths;
        for (column, least) in LEAST {
            let over = whole(columns, &widths).saturating_sub(width);
            widths[column] = widths[column]
                .saturating_sub(over)
                .max(least.min(widths[column]));
        }
        widths
    };
    for expendable in words::EXPENDABLE {
        if whole(&columns, &shrunk(&columns)) <= width {
            break;
        }
        columns.retain(|column| *column != expendable);
    }
    let widths = shrunk(&columns);
    let mut table = words::table::<[&str; 0]>([]);
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut cells = cells.iter().map(|row| {
        let cells = columns
            .iter()
            .map(|column| cut(&row[*column], widths[*column]));
        cells.collect::<Vec<_>>()
    });
    table.set_header(cells.next().unwrap_or_default());
    table.add_rows(cells);
    table.to_string()
}

/// The text's beginning, if it is wider than there is room for.
pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used > width {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    Cow::Owned(shown)
}

/// The text in lines that are no wider, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<Cow<'_, str>> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && line.width() + 1 + word.width() > width {
                lines.push(Cow::Owned(std::mem::take(&mut line)));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line += word;
        }
        lines.push(Cow::Owned(line));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::board::Kind;
    use super::*;
    use crate::fetch::{Availability, FetchError, Next, Problem, Vehicle};
    use crate::model::AtAGlance;

    fn vehicle(vin: &str, name: &str) -> Vehicle {
        Vehicle {
            vin: vin.to_owned(),
            display_name: Some(name.to_owned()),
            id: vin.to_owned(),
        }
    }

    fn glance() -> AtAGlance {
        AtAGlance {
            battery_percent: Some(50.0),
            range_miles: Some(133.7),
            activity: Some("charging (AC)".to_owned()),
            charging_kw: Some(11.0),
            minutes_to_full: Some(85.0),
            inside_celsius: Some(-21.5),
            outside_celsius: Some(-3.0),
            odometer_miles: Some(123_456.0),
            locked: Some(true),
            ..AtAGlance::default()
        }
    }

    const SIZES: [(u16, u16); 6] = [(80, 24), (200, 60), (100, 40), (20, 3), (1, 1), (0, 0)];

    fn assert_fits(picture: &str, (width, height): (u16, u16)) {
        assert!(
            picture.lines().count() < usize::from(height.max(4)),
            "{width}x{height}\n{picture}"
        );
        for line in picture.lines() {
            let most = usize::from(width.max(20));
            assert!(line.width() <= most, "{width}x{height}\n{picture}");
        }
    }

    #[test]
    fn the_table_fits_the_terminal_however_many_cars_there_are() {
        let (board, _lines) = Board::new(Kind::Table);
        for n in 0..1_000 {
            let vehicle = vehicle(&format!("VIN{n}"), &format!("Car {n}"));
            board.seen(&vehicle, Availability::Online, Some(glance()));
        }
        for n in 0..100 {
            board.note(&format!("message {n} {}", "x".repeat(1_000)));
        }
        for size in SIZES {
            assert_fits(&picture(&board, &"Heading ".repeat(30), size), size);
        }
        let text = picture(&board, "Heading", (200, 60));
        for shown in ["Car 0 ", "and 959 more", "message 99", "123456 mi"] {
            assert!(text.contains(shown), "{shown} in\n{text}");
        }
        assert!(!text.contains("message 1 "), "{text}");
    }

    #[test]
    fn eighty_columns_have_what_matters_most_and_each_car_one_line() {
        let (board, _lines) = Board::new(Kind::Table);
        for (vin, name) in [("1", "Ju"), ("2", "A car with quite a long name")] {
            board.seen(&vehicle(vin, name), Availability::Online, Some(glance()));
        }
        let text = picture(&board, "Heading", (80, 24));
        for shown in ["Ju", "A car with", "charging (AC)", "50 %", "134 mi"] {
            assert!(text.contains(shown), "{shown} in\n{text}");
        }
        assert_eq!(text.lines().count(), 1 + 6, "{text}");
    }

    #[test]
    fn no_name_and_no_message_breaks_the_table() {
        let (board, _lines) = Board::new(Kind::Table);
        let hostile = [
            "\u{1b}[2J\u{1b}[H\u{1b}]0;title\u{7}".to_owned(),
            "x".repeat(10_000),
            "two\nlines\r\n\tand\u{85}more\u{2028}lines".to_owned(),
            "right\u{202e}to\u{2066}left\u{61c}".to_owned(),
            "🚗".repeat(500),
            "車".repeat(500),
            "e\u{301}".repeat(500),
            "│ ┆".repeat(50),
        ];
        for (n, name) in hostile.iter().enumerate() {
            let vehicle = vehicle(&n.to_string(), name);
            board.seen(&vehicle, Availability::Online, Some(glance()));
            board.note(name);
        }
        let failed = FetchError {
            doing: hostile[0].clone(),
            problem: Problem::Server,
            detail: hostile[1].clone() + &hostile[2],
            next: Next::AsUsual,
        };
        board.failed(&vehicle("f", &hostile[3]), &failed);
        for size in SIZES {
            let text = picture(&board, "Heading", size);
            assert_fits(&text, size);
            for c in text.chars().filter(|c| *c != '\n') {
                assert!(!c.is_control(), "{text:?}");
                assert!(!"\u{202e}\u{2066}\u{61c}\u{2028}".contains(c), "{text:?}");
            }
        }
        let text = picture(&board, "Heading", (80, 24));
        // A message may look like a row, too: only those within the table count.
        let lines = text.lines().skip_while(|line| !line.starts_with('┌'));
        let table = lines.take_while(|line| !line.starts_with('└'));
        let rows = table.filter(|line| line.starts_with('│') && line.ends_with('│'));
        assert_eq!(rows.count(), hostile.len() + 2, "{text}");
    }

    #[test]
    fn a_car_that_is_gone_leaves_the_table() {
        let (board, _lines) = Board::new(Kind::Table);
        let car = vehicle("1", "Car 1");
        board.seen(&car, Availability::Asleep, None);
        assert!(picture(&board, "", (120, 40)).contains("asleep"));
        board.gone(&car);
        assert!(!picture(&board, "", (120, 40)).contains("Car 1"));
    }
}
