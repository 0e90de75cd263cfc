//! The command line, made from the table of settings.

mod doctor;
mod history;
mod metrics;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command as Clap};

use crate::config::{Group, SETTINGS, Setting};

pub use doctor::Doctor;
pub use history::{Export, QueryFormat};
pub use metrics::{Metrics, MetricsFormat};

/// What is to be done, and the flags that were given.
#[derive(Debug)]
pub struct CommandLine {
    /// What is to be done.
    pub command: Command,
    /// The settings' flags, by the settings' names.
    pub flags: BTreeMap<&'static str, String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Observe.
    Run {
        /// Ask each car once, export, and end.
        once: bool,
    },
    /// Log in to the account.
    Login {
        /// Only print the URL, open no browser.
        no_browser: bool,
    },
    /// Take over the tokens of a TeslaPy cache.
    Import {
        /// The cache.
        cache: PathBuf,
    },
    /// List the account's vehicles.
    Vehicles,
    /// Serve a simulated Tesla.
    Simulate,
    /// Ask the history, in SQL.
    Query {
        /// One statement; `-` is standard input; without one, what there is to ask.
        sql: Option<String>,
        /// How the answer is printed.
        format: QueryFormat,
        /// How long it may take.
        timeout: Duration,
    },
    /// Hand the history to other tools.
    Export(Export),
    /// Say what is wrong, and what mends it.
    Doctor(Doctor),
    /// Print every effective setting.
    Config {
        /// As what.
        format: Format,
    },
    /// Print the catalogue of all exported metrics, or what is made of it.
    Metrics(Metrics),
}

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

const ABOUT: &str = "Observes the cars of a Tesla account and exports all that they report, over
OpenTelemetry.

Started without anything, it observes simulated cars and shows them here;
nothing leaves this machine. For your own cars: `tesla-observer login`, then
`tesla-observer`.";

const EXAMPLES: &str = "Examples:
  tesla-observer                               simulated cars, on this terminal
  tesla-observer login                         log in; tokens stay here
  tesla-observer                               your cars, on this terminal
  tesla-observer --otlp-endpoint http://localhost:4318
                                               … and to an OTLP receiver
  GREPTIME_HOST=localhost tesla-observer       … and to GreptimeDB
  tesla-observer --metrics-exporter prometheus … and at localhost:9464/metrics
  tesla-observer --demo --otlp-endpoint URL    simulated cars, sent there

Each setting can be given by its flag or by the variable that stands beside it;
the flag is stronger. `tesla-observer config` says what is in effect, and why.";

const STEERING: &str = r#"It is steered from this machine, while it runs:
  curl URL/simulator/state                               its time and its cars
  curl URL/simulator/advance --json '{"seconds": 3600}'  an hour passes
  curl URL/simulator/tokens -X POST                      tokens, without a login
  curl URL/simulator/faults --json '{"rules": []}'       nothing goes wrong now

What goes wrong is said by rules, of which the first that fits a request counts:
  {"rules": [
    {"route": "vehicle_data", "fault": {"rate_limited": {"seconds": 30}},
     "when": {"next": 2}},
    {"fault": "bad_gateway", "when": {"chance": 0.05}}
  ]}
Without `route` or `vehicle` (a VIN) it is for all; without `when`, always. A
fault or a route that does not exist is answered with a list of those that do."#;

/// The command line's definition.
pub fn command() -> Clap {
    let run = "Observe (what is done without a command)";
    Clap::new("tesla-observer")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(EXAMPLES)
        .args_conflicts_with_subcommands(true)
        .disable_help_subcommand(true)
        .subcommand_value_name("COMMAND")
        .args(settings(&Group::ALL))
        .arg(once())
        .subcommand(
            Clap::new("run")
                .about(run)
                .after_help(EXAMPLES)
                .args(settings(&Group::ALL))
                .arg(once()),
        )
        .subcommand(
            Clap::new("login")
                .about("Log in to the account, in a browser; the tokens are kept on this machine")
                .args(settings(&[Group::Account, Group::Terminal]))
                .arg(
                    Arg::new("no-browser")
                        .long("no-browser")
                        .action(ArgAction::SetTrue)
                        .help("Only print the address, open no browser"),
                ),
        )
        .subcommand(
            Clap::new("import")
                .about("Take over the tokens of a TeslaPy cache (cache.json)")
                .args(settings(&[Group::Account, Group::Terminal]))
                .arg(
                    Arg::new("cache")
                        .value_name("CACHE.JSON")
                        .required(true)
                        .value_parser(clap::value_parser!(PathBuf))
                        .help("The file that TeslaPy keeps. It is only read"),
                ),
        )
        .subcommand(
            Clap::new("vehicles")
                .about("List the account's vehicles and whether they sleep; wakes none")
                .args(settings(&[
                    Group::Account,
                    Group::Observing,
                    Group::Simulation,
                    Group::Terminal,
                ])),
        )
        .subcommand(
            Clap::new("simulate")
                .about("Serve a simulated Tesla, with its login and its API, on this machine")
                .after_help(STEERING)
                // Not what is for whoever observes it.
                .args(
                    settings(&[Group::Simulation, Group::Terminal])
                        .into_iter()
                        .filter(|argument| {
                            !["demo", "mock", "display"].contains(&argument.get_id().as_str())
                        }),
                ),
        )
        .subcommand(history::query())
        .subcommand(history::export())
        .subcommand(
            Clap::new("config")
                .about("Print every effective setting and where it comes from; secrets are hidden")
                .args(settings(&Group::ALL))
                .arg(format(["table", "json"])),
        )
        .subcommand(metrics::metrics())
        .subcommand(doctor::doctor())
}

fn once() -> Arg {
    Arg::new("once")
        .long("once")
        .action(ArgAction::SetTrue)
        .help_heading(Group::Observing.heading())
        .help("Ask each car once, export what it says, and end")
}

fn format(values: impl IntoIterator<Item = &'static str>) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .default_value("table")
        .value_parser(PossibleValuesParser::new(values))
        .help("How to print it")
}

fn settings(groups: &[Group]) -> Vec<Arg> {
    let wanted = |setting: &&Setting| groups.contains(&setting.group);
    SETTINGS.iter().filter(wanted).map(argument).collect()
}

fn argument(setting: &'static Setting) -> Arg {
    let variables = setting.variables.join(", ");
    let default = match setting.default {
        Some(default) if !setting.value.is_empty() => format!("; default: {default}"),
        _ => String::new(),
    };
    let help = match setting.secret {
        true => format!(
            "{} [{variables}, or a file: {variables}_FILE]",
            setting.help
        ),
        false => format!("{} [{variables}{default}]", setting.help),
    };
    let long = match setting.secret {
        true => format!("{}-file", setting.name),
        false => setting.name.to_owned(),
    };
    let argument = Arg::new(setting.name)
        .long(long)
        .help(help)
        .help_heading(setting.group.heading());
    // Its values are checked with all other settings, so that all errors come at once.
    match setting.value {
        "" => argument
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .hide_possible_values(true)
            .value_name("true|false"),
        value => argument.action(ArgAction::Append).value_name(value),
    }
}

/// Reads the arguments, the program's name among them.
///
/// # Errors
///
/// What clap says of them, `--help` and `--version` included.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<CommandLine, clap::Error> {
    let matches = command().try_get_matches_from(arguments)?;
    let (name, given) = matches.subcommand().unwrap_or(("run", &matches));
    let format = || match text(given, "format").as_deref() {
        Some("json") => Format::Json,
        _ => Format::Table,
    };
    let command = match name {
        "login" => Command::Login {
            no_browser: given.get_flag("no-browser"),
        },
        "import" => Command::Import {
            cache: given
                .get_one::<PathBuf>("cache")
                .cloned()
                .unwrap_or_default(),
        },
        "vehicles" => Command::Vehicles,
        "simulate" => Command::Simulate,
        "query" => history::query_of(given),
        "export" => history::export_of(given),
        "doctor" => Command::Doctor(doctor::doctor_of(given, format())),
        "config" => Command::Config { format: format() },
        "metrics" => Command::Metrics(metrics::metrics_of(given)),
        _ => Command::Run {
            once: given.get_flag("once"),
        },
    };
    let flags = SETTINGS
        .iter()
        .filter_map(|setting| Some((setting.name, text(given, setting.name)?)))
        .collect();
    Ok(CommandLine { command, flags })
}

/// An argument's value, if the command has it and it was given; several with commas between them.
fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    let values = matches.try_get_many::<String>(name).ok().flatten()?;
    let values: Vec<&str> = values.map(String::as_str).collect();
    Some(values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &str) -> CommandLine {
        let arguments = ["tesla-observer"]
            .into_iter()
            .chain(arguments.split_whitespace());
        parse(arguments.map(OsString::from)).expect("valid arguments")
    }

    #[test]
    fn the_definition_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn without_a_command_it_runs() {
        assert_eq!(parsed("").command, Command::Run { once: false });
        let same = parsed("--demo --interval 10");
        assert_eq!(same.command, Command::Run { once: false });
        assert_eq!(same.flags, parsed("run --demo --interval 10").flags);
        assert_eq!(same.flags["demo"], "true");
        assert_eq!(parsed("--demo=false").flags["demo"], "false");
    }

    #[test]
    fn a_repeated_flag_is_a_list() {
        assert_eq!(
            parsed("--vehicle Ju --vehicle Mo").flags["vehicle"],
            "Ju,Mo"
        );
    }

    #[test]
    fn secrets_are_never_arguments() {
        for setting in SETTINGS.iter().filter(|setting| setting.secret) {
            let flag = format!("--{}=x", setting.name);
            let arguments = [OsString::from("tesla-observer"), OsString::from(flag)];
            assert!(parse(arguments).is_err(), "{}", setting.name);
        }
    }

    #[test]
    fn what_is_not_wrapped_fits_a_terminal_of_80_columns() {
        for text in [
            ABOUT,
            EXAMPLES,
            doctor::ABOUT,
            history::QUERIES,
            metrics::EXAMPLES,
            STEERING,
        ] {
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }

    #[test]
    fn every_setting_is_in_the_help_with_its_variable() {
        let help = command().render_long_help().to_string();
        for setting in SETTINGS {
            assert!(
                help.contains(&format!("--{}", setting.name)),
                "{}",
                setting.name
            );
            for variable in setting.variables {
                assert!(help.contains(variable), "{variable}");
            }
        }
    }
}
