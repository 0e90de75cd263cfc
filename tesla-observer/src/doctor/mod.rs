//! What keeps the observer from working, or soon will, and what mends it.
//!
//! Each check is one [`Finding`]. None depends on another: without a network, those that need none still tell
//! what they can. Nothing is changed, but for what every start does: what others can read in the state
//! directory is closed to them, and a token that has ended is renewed.

mod account;
mod datasource;
mod destinations;
mod here;
mod tesla;

use std::time::Duration;

use reqwest::{Client, Url, redirect};
use serde::Serialize;

use crate::config::Config;
use crate::fetch::tesla::is_loopback;

pub use account::Checked;

/// How long one answer over the network is awaited.
const PATIENCE: Duration = Duration::from_secs(10);

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is well.
    Ok,
    /// It works, but not as it might, or not for long.
    Warning,
    /// It does not work.
    Failed,
    /// It was not looked at.
    Skipped,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: `token`, `clock`, `destination otlp (metrics)`.
    pub check: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What mends it: a command, or what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn new(check: impl Into<String>, verdict: Verdict, says: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            verdict,
            says: says.into(),
            remedy: None,
        }
    }

    fn ok(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, says)
    }

    fn warning(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, says)
    }

    fn failed(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Failed, says)
    }

    fn skipped(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skipped, says)
    }

    fn mended_by(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// What asks servers: patient for a while, and past the proxy where this machine is asked.
fn client(url: &Url) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none());
    match is_loopback(url) {
        true => builder.no_proxy().build(),
        false => builder.build(),
    }
}

/// What is looked at beside the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only what needs no network.
    pub offline: bool,
    /// Where dashboards ask: the URL of a Prometheus API.
    pub datasource: Option<String>,
}

/// What is wrong with settings that cannot be used.
pub fn of_settings(errors: &[crate::config::ConfigError]) -> Vec<Finding> {
    let wrong = errors.iter().map(|error| {
        Finding::failed(format!("setting {}", error.at), error.problem.clone())
            .mended_by("`tesla-observer --help` lists all settings")
    });
    wrong.collect()
}

/// Looks at everything. `checked` is the account that the settings mean.
pub async fn examine(config: &Config, checked: Checked, wanted: &Wanted) -> Vec<Finding> {
    let mut findings = vec![settings(config)];
    findings.extend(account::examine(config, &checked));
    findings.extend(here::examine(config));
    if wanted.offline {
        findings.push(Finding::skipped("network", "not looked at: --offline"));
        return findings;
    }
    let (tesla, destinations, datasource) = tokio::join!(
        tesla::examine(config, checked),
        destinations::examine(config),
        datasource::examine(config, wanted.datasource.as_deref()),
    );
    findings.extend(tesla);
    findings.extend(destinations);
    findings.extend(datasource);
    findings
}

/// What was set, as far as it can be read but was hardly meant.
fn settings(config: &Config) -> Finding {
    match config.warnings.as_slice() {
        [] => Finding::ok("settings", "all are understood"),
        warnings => {
            let all: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            Finding::warning("settings", all.join("; ")).mended_by(
                "`tesla-observer config` says what is in effect, and where it comes from",
            )
        }
    }
}
