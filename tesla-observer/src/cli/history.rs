//! The commands that read the history.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap};

use super::{Command, argument, format, text};
use crate::config::{SETTINGS, Setting};

/// How what a query finds is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryFormat {
    /// For people.
    Table,
    /// Comma-separated values.
    Csv,
    /// An array of objects.
    Json,
}

/// What is handed to other tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// From when, as it was written.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// Only these metrics, if there are any.
    pub metrics: Vec<String>,
    /// Only these vehicles, if there are any: names, VINs or keys.
    pub vehicles: Vec<String>,
    /// As Parquet, not as comma-separated values.
    pub parquet: bool,
    /// Where to; standard output if nothing is said.
    pub output: Option<PathBuf>,
    /// In place of a file that exists.
    pub force: bool,
}

pub(super) const QUERIES: &str = "Examples:
  tesla-observer query \"SELECT vehicle_id, greptime_timestamp, greptime_value
    FROM chargestate_battery_range ORDER BY greptime_timestamp DESC LIMIT 10;\"
  tesla-observer query --format csv \"SELECT * FROM drivestate_speed\" > x.csv

Each metric is a table: vehicle_id, greptime_timestamp (UTC), greptime_value,
vin, its attributes, and held_until. What did not change is there once.
Nothing can be changed: the file is opened only to be read.";

/// `query`.
pub(super) fn query() -> Clap {
    Clap::new("query")
        .about("Ask the history in SQL; also while it is written. Without SQL: what there is")
        .after_help(QUERIES)
        .args(settings_named(&["history", "log"]))
        .arg(
            Arg::new("sql")
                .value_name("SQL")
                .help("One SELECT; - reads it from standard input"),
        )
        .arg(format(["table", "csv", "json"]))
        .arg(
            Arg::new("timeout-seconds")
                .long("timeout")
                .value_name("SECONDS")
                .default_value("30")
                .value_parser(clap::value_parser!(u64).range(1..=86_400))
                .help("How long it may take"),
        )
}

/// `export`.
pub(super) fn export() -> Clap {
    Clap::new("export")
        .about("Hand the history to other tools: one line, or row, for each value that held")
        .args(settings_named(&["history", "log"]))
        .args([
            named(
                "from",
                "TIME",
                "From when: 2026-11-27, 2026-11-27T08:00:00Z (UTC), or -30d. Default: all",
            ),
            named("to", "TIME", "Until when. Default: now"),
            named(
                "metric",
                "NAME",
                "Only this metric; several times for several",
            )
            .action(ArgAction::Append),
            named(
                "vehicle",
                "NAME|VIN",
                "Only this car; several times for several",
            )
            .action(ArgAction::Append),
            named("output", "PATH", "The file. Default: standard output")
                .value_parser(clap::value_parser!(PathBuf)),
        ])
        .arg(format(["csv", "parquet"]).default_value("csv"))
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Replace a file that exists"),
        )
}

fn settings_named(names: &[&str]) -> Vec<Arg> {
    let wanted = |setting: &&Setting| names.contains(&setting.name);
    SETTINGS.iter().filter(wanted).map(argument).collect()
}

fn named(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(format!("export-{name}"))
        .long(name)
        .value_name(value)
        .help(help)
}

/// What `query` is told.
pub(super) fn query_of(given: &ArgMatches) -> Command {
    Command::Query {
        sql: given.get_one::<String>("sql").cloned(),
        format: match text(given, "format").as_deref() {
            Some("csv") => QueryFormat::Csv,
            Some("json") => QueryFormat::Json,
            _ => QueryFormat::Table,
        },
        timeout: Duration::from_secs(
            given
                .get_one::<u64>("timeout-seconds")
                .copied()
                .unwrap_or(30),
        ),
    }
}

/// What `export` is told.
pub(super) fn export_of(given: &ArgMatches) -> Command {
    let one = |name: &str| given.get_one::<String>(name).cloned();
    let all = |name: &str| {
        let values = given.get_many::<String>(name);
        values.into_iter().flatten().cloned().collect()
    };
    Command::Export(Export {
        from: one("export-from"),
        to: one("export-to"),
        metrics: all("export-metric"),
        vehicles: all("export-vehicle"),
        parquet: text(given, "format").as_deref() == Some("parquet"),
        output: given.get_one::<PathBuf>("export-output").cloned(),
        force: given.get_flag("force"),
    })
}
