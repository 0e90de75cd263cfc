//! The result: rows of one Markdown table, aligned so that a terminal shows them well too.

/// What was measured, and what was promised of it.
pub(crate) struct Row {
    pub(crate) what: String,
    /// The bound, empty for what is only told.
    pub(crate) must: &'static str,
    pub(crate) measured: String,
    pub(crate) details: String,
}

/// So many members, in words.
pub(crate) fn members(count: usize) -> String {
    match count {
        1 => "1 member".to_owned(),
        ..1000 => format!("{count} members"),
        _ => format!("{},{:03} members", count / 1000, count % 1000),
    }
}

/// Prints the rows under a title.
pub(crate) fn print(title: &str, rows: &[Row]) {
    let header = Row {
        what: title.to_owned(),
        must: "must be",
        measured: "is".to_owned(),
        details: "in detail".to_owned(),
    };
    let all: Vec<[&str; 4]> = std::iter::once(&header).chain(rows).map(cells).collect();
    let mut widths = [0; 4];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    println!();
    for (index, row) in all.iter().enumerate() {
        println!("{}", line(row, widths));
        if index == 0 {
            println!("{}", rule(widths));
        }
    }
    println!();
}

fn cells(row: &Row) -> [&str; 4] {
    [&row.what, row.must, &row.measured, &row.details]
}

fn line(row: &[&str; 4], widths: [usize; 4]) -> String {
    let [what, must, measured, details] = widths;
    format!(
        "| {:what$} | {:>must$} | {:>measured$} | {:details$} |",
        row[0], row[1], row[2], row[3],
    )
}

fn rule([what, must, measured, details]: [usize; 4]) -> String {
    format!(
        "|-{:-<what$}-|-{:->must$}:|-{:->measured$}:|-{:-<details$}-|",
        "", "", "", "",
    )
}
