//! The command that looks for what is wrong.

use clap::{Arg, ArgAction, ArgMatches, Command as Clap};

use super::{Format, format, settings, text};
use crate::config::Group;
use crate::doctor::Wanted;

/// What is looked at, and how it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doctor {
    /// What is looked at beside the settings.
    pub wanted: Wanted,
    /// As what.
    pub format: Format,
}

pub(super) const ABOUT: &str =
    "Looks at the account, the token, its region and its scopes, whether Tesla and
each destination answer, at the clock, the disk and the permissions. Takes the
settings that `run` takes. Ends with 1 if something does not work, with 0 if all
does, or is a warning only.

With --datasource it also asks whether dashboards find the metrics there, and
which dashboards fit the names:
  tesla-observer doctor --datasource http://localhost:4000/v1/prometheus";

/// `doctor`.
pub(super) fn doctor() -> Clap {
    Clap::new("doctor")
        .about("Say what is wrong, and what mends it")
        .after_help(ABOUT)
        .args(settings(&Group::ALL))
        .arg(
            Arg::new("offline")
                .long("offline")
                .action(ArgAction::SetTrue)
                .help("Ask nobody over the network"),
        )
        .arg(
            Arg::new("datasource")
                .long("datasource")
                .value_name("URL")
                .help("Where dashboards ask: the Prometheus API of the backend"),
        )
        .arg(format(["table", "json"]))
}

pub(super) fn doctor_of(given: &ArgMatches, format: Format) -> Doctor {
    Doctor {
        wanted: Wanted {
            offline: given.get_flag("offline"),
            datasource: text(given, "datasource"),
        },
        format,
    }
}
