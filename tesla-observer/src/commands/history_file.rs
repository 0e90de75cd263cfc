//! Which history a command reads.

use std::path::PathBuf;

use super::account::Source;
use super::{Failure, other};
use crate::config::Config;

/// The history that `run` writes: of the account's cars, or, without an account, of simulated ones. If
/// it does not exist yet and the other does, that one; which it is, is said.
pub(super) fn choose(config: Config) -> Result<PathBuf, Failure> {
    let said = config.is_said("history");
    // That there is no account that can be observed is for others to say.
    let config = match Source::choose(&config) {
        Ok(Source::Simulated { .. }) => config.simulated(),
        _ => config,
    };
    let Some(history) = config.history else {
        return Err(other(
            "no history is kept: name one with --history PATH (TESLA_OBSERVER_HISTORY)",
        ));
    };
    let path = history.path;
    if said || path.exists() {
        return Ok(path);
    }
    for name in ["history.sqlite", "simulated.sqlite"] {
        let sibling = path.with_file_name(name);
        if sibling.exists() {
            tracing::info!(
                "reading {}, as there is no other history",
                sibling.display()
            );
            return Ok(sibling);
        }
    }
    Err(other(format!(
        "there is no history yet at {}: start `tesla-observer`, or name one with --history",
        path.display()
    )))
}
