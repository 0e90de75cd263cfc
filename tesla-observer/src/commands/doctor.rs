//! `doctor`: what keeps the observer from working, and what mends it.

use std::sync::Arc;

use super::account::{self, Source};
use super::{Failure, budget, other, print};
use crate::cli::{Doctor, Format};
use crate::config::{Config, ConfigError};
use crate::doctor::{self, Checked, Finding, Verdict};
use crate::fetch::tesla::Tesla;

/// Settings that cannot be used are findings, too.
pub(super) fn of_settings(errors: &[ConfigError], wanted: &Doctor) -> Result<(), Failure> {
    tell(&doctor::of_settings(errors), wanted.format)
}

pub(super) async fn examine(config: Config, wanted: &Doctor) -> Result<(), Failure> {
    let source = Source::choose(&config);
    let mut config = match &source {
        Ok(Source::Simulated { .. }) => config.simulated(),
        _ => config,
    };
    let checked = checked(&mut config, source);
    let findings = doctor::examine(&config, checked, &wanted.wanted).await;
    tell(&findings, wanted.format)
}

/// Who can be asked, if anybody.
fn checked(config: &mut Config, source: Result<Source, Failure>) -> Checked {
    let source = match source {
        Ok(source) => source,
        Err(error) => return Checked::None(error.to_string()),
    };
    let governor = budget::governor(config, &source);
    let settings = account::settings(config, None).map(|settings| crate::fetch::tesla::Settings {
        governor,
        ..settings
    });
    let made = settings.and_then(|mut settings| match source {
        Source::Simulated { .. } => Ok(Checked::Simulated),
        Source::Gateway => {
            let tesla = Tesla::with_fixed_token(settings).map_err(other)?;
            Ok(Checked::Gateway(Arc::new(tesla)))
        }
        Source::Account(account, store) => {
            settings.api = account.api.clone();
            let tesla = Tesla::new(settings, (*account).clone(), store).map_err(other)?;
            Ok(Checked::Account(account, Arc::new(tesla)))
        }
    });
    made.unwrap_or_else(|error| Checked::None(error.to_string()))
}

/// Prints them. Fails if one has.
fn tell(findings: &[Finding], format: Format) -> Result<(), Failure> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(findings).map_err(other)?,
        Format::Table => lines(findings),
    };
    print(&text)?;
    let failed = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Failed)
        .count();
    match failed {
        0 => Ok(()),
        1 => Err(other("one check has failed")),
        failed => Err(other(format!("{failed} checks have failed"))),
    }
}

fn lines(findings: &[Finding]) -> String {
    let width = findings
        .iter()
        .map(|finding| finding.check.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for Finding {
        check,
        verdict,
        says,
        remedy,
    } in findings
    {
        let verdict = match verdict {
            Verdict::Ok => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Failed => "FAILED ",
            Verdict::Skipped => "–      ",
        };
        text += &format!("{verdict}  {check:width$}  {says}\n");
        if let Some(remedy) = remedy {
            text += &format!("{:9}{:width$}  → {remedy}\n", "", "");
        }
    }
    text
}
