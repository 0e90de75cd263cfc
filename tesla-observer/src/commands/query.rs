//! `query`: SQL on the history.

use std::io::{self, Read as _, Write};
use std::time::Duration;

use rusqlite::types::ValueRef;
use serde_json::{Map, Value};

use super::{Failure, history_file, not_written, other, print};
use crate::cli::QueryFormat;
use crate::config::Config;
use crate::history::{Guarded, QueryError, Rows};
use crate::terminal::{clean, table};

/// A table with more rows is cut: it is kept in memory until it is painted.
const LONGEST_TABLE: usize = 10_000;
/// No cell of a table is wider.
const WIDEST: usize = 200;

pub(super) async fn query(
    config: Config,
    sql: Option<String>,
    format: QueryFormat,
    timeout: Duration,
) -> Result<(), Failure> {
    let path = history_file::choose(config)?;
    let asking = tokio::task::spawn_blocking(move || {
        let mut history = Guarded::open(&path, timeout).map_err(other)?;
        match sql.as_deref() {
            None => list(&history),
            Some("-") => {
                let mut sql = String::new();
                let read = io::stdin().take(1 << 20).read_to_string(&mut sql);
                read.map_err(|error| other(format!("reading SQL from standard input: {error}")))?;
                ask(&mut history, &sql, format)
            }
            Some(sql) => ask(&mut history, sql, format),
        }
    });
    asking.await.map_err(other)?
}

fn list(history: &Guarded) -> Result<(), Failure> {
    let mut table = table(["Table", "Unit", "Meaning"]);
    for (name, unit, description) in history.metrics().map_err(other)? {
        table.add_row([name, unit, description]);
    }
    print(&table.to_string())
}

fn ask(history: &mut Guarded, sql: &str, format: QueryFormat) -> Result<(), Failure> {
    let out = io::BufWriter::new(io::stdout().lock());
    let asked = match format {
        QueryFormat::Table => {
            let mut rows = Painted::default();
            let asked = history.ask(sql, &mut rows);
            // What was found before it failed is no answer.
            if let Ok(count) = asked {
                rows.paint(count)?;
            }
            asked
        }
        QueryFormat::Csv => history.ask(sql, &mut Csv(csv::Writer::from_writer(out))),
        QueryFormat::Json => {
            let mut rows = Json::new(out);
            let asked = history.ask(sql, &mut rows);
            let ended = rows.end().map_err(QueryError::Output);
            asked.and_then(|count| ended.map(|()| count))
        }
    };
    match asked {
        Ok(_) => Ok(()),
        // That nobody reads on is no error.
        Err(QueryError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(other(error)),
    }
}

/// A table, painted once it is whole.
#[derive(Default)]
struct Painted {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Painted {
    fn paint(self, count: u64) -> Result<(), Failure> {
        let mut table = table(self.columns);
        let shown = self.rows.len() as u64;
        table.add_rows(self.rows);
        print(&table.to_string())?;
        if count > shown {
            tracing::warn!(
                "{shown} of {count} rows are shown: add a LIMIT, or write all with --format csv"
            );
        }
        Ok(())
    }
}

impl Rows for Painted {
    fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.columns = names.iter().map(|name| clean(name, WIDEST)).collect();
        Ok(())
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> io::Result<()> {
        if self.rows.len() < LONGEST_TABLE {
            let cell = |value: &ValueRef<'_>| clean(&text(*value), WIDEST);
            self.rows.push(values.iter().map(cell).collect());
        }
        Ok(())
    }
}

/// Lines of comma-separated values.
struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Rows for Csv<W> {
    fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.0.write_record(names).map_err(not_written)
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> io::Result<()> {
        let fields = values.iter().map(|value| text(*value));
        self.0.write_record(fields).map_err(not_written)
    }
}

/// An array of objects, written as they are found.
struct Json<W: Write> {
    out: W,
    columns: Vec<String>,
    begun: bool,
    rows: u64,
}

impl<W: Write> Json<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            columns: Vec::new(),
            begun: false,
            rows: 0,
        }
    }

    fn end(mut self) -> io::Result<()> {
        if self.begun {
            writeln!(self.out, "\n]")?;
        }
        self.out.flush()
    }
}

impl<W: Write> Rows for Json<W> {
    fn columns(&mut self, names: &[String]) -> io::Result<()> {
        self.columns = names.to_vec();
        self.begun = true;
        write!(self.out, "[")
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> io::Result<()> {
        let object: Map<String, Value> = self
            .columns
            .iter()
            .cloned()
            .zip(values.iter().map(|value| json(*value)))
            .collect();
        let before = if self.rows == 0 { "" } else { "," };
        self.rows += 1;
        writeln!(self.out, "{before}")?;
        serde_json::to_writer(&mut self.out, &object).map_err(io::Error::from)
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        // Infinity is no JSON.
        ValueRef::Real(number) => number.into(),
        value => text(value).into(),
    }
}

/// A value as text: blobs in hexadecimal, as SQL has them.
fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}
