//! What the commands do.

mod account;
mod budget;
mod config;
mod doctor;
mod export;
mod here;
mod history_file;
mod import;
mod login;
mod metrics;
mod query;
mod run;
mod signals;
mod simulate;
mod vehicles;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{self, Command};
use crate::config::{Config, ConfigError, Given};
use crate::terminal::LogWriter;

/// Why a command could not do what it was told.
#[derive(Debug)]
pub enum Failure {
    /// The command line, or `--help`: clap says it best.
    Usage(clap::Error),
    /// Settings.
    Config(Vec<ConfigError>),
    /// There is nobody whose cars could be asked for.
    NoAccount {
        /// What is missing.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// Anything else, in words for whoever started it.
    Other(String),
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(2),
            Self::Config(_) => 2,
            Self::NoAccount { .. } | Self::Other(_) => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::Config(errors) => {
                f.write_str("the configuration has errors:")?;
                errors
                    .iter()
                    .try_for_each(|error| write!(f, "\n  {error}"))?;
                f.write_str("\n`tesla-observer --help` lists all settings")
            }
            Self::NoAccount { problem, remedy } => write!(f, "{problem}: {remedy}"),
            Self::Other(problem) => f.write_str(problem),
        }
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<Vec<ConfigError>> for Failure {
    fn from(errors: Vec<ConfigError>) -> Self {
        Self::Config(errors)
    }
}

/// An error that has said it all.
fn other(error: impl fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}

/// Does what the command line says.
///
/// # Errors
///
/// See [`Failure`].
pub async fn execute(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), Failure> {
    let line = cli::parse(arguments)?;
    if let Command::Metrics(wanted) = &line.command {
        return metrics::print(wanted);
    }
    let config = Config::read(&Given::new(line.flags, variables));
    if let (Err(errors), Command::Doctor(wanted)) = (&config, &line.command) {
        doctor::of_settings(errors, wanted)?;
    }
    let config = config?;
    match line.command {
        Command::Run { once } => run::run(config, once).await,
        Command::Login { no_browser } => {
            log_only(&config)?;
            login::login(&config, no_browser).await
        }
        Command::Import { cache } => {
            log_only(&config)?;
            import::import(&config, &cache)
        }
        Command::Vehicles => {
            log_only(&config)?;
            vehicles::list(&config).await
        }
        Command::Simulate => {
            log_only(&config)?;
            simulate::simulate(&config).await
        }
        Command::Query {
            sql,
            format,
            timeout,
        } => {
            log_only(&config)?;
            query::query(config, sql, format, timeout).await
        }
        Command::Export(export) => {
            log_only(&config)?;
            export::export(config, export).await
        }
        Command::Doctor(wanted) => doctor::examine(config, &wanted).await,
        Command::Config { format } => config::print(config, format),
        Command::Metrics(wanted) => metrics::print(&wanted),
    }
}

/// The log's filter.
fn filter(config: &Config) -> Result<EnvFilter, Failure> {
    let directives = match config.log.trim() {
        // How the SDK comes and goes is not what the observer has to tell.
        "info" => "info,opentelemetry_sdk=warn",
        other => other,
    };
    EnvFilter::try_new(directives).map_err(other)
}

/// Logs to standard error, for commands that export nothing.
fn log_only(config: &Config) -> Result<(), Failure> {
    here(config)?.try_init().map_err(other)?;
    warn(config);
    Ok(())
}

/// What logs to standard error only.
fn here(config: &Config) -> Result<impl Subscriber + Send + Sync + use<>, Failure> {
    let console = tracing_subscriber::fmt::layer()
        .with_writer(LogWriter::default())
        .with_target(false)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()));
    Ok(tracing_subscriber::registry()
        .with(filter(config)?)
        .with(console))
}

/// Logs what is no error but was hardly meant.
fn warn(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

/// Why comma-separated values were not written: as the system says it, so that nobody reading on is told
/// from other errors.
fn not_written(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// Prints to standard output. That nobody reads on is no error.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(other(format!("writing to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
