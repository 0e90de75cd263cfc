//! `doctor`: what keeps the observer from working, and what mends it.

use super::account::{self, Source};
use super::{Failure, budget, other, print};
use crate::cli::{Doctor, Format};
use crate::config::{Config, ConfigError};
use crate::doctor::{self, Checked, Finding, Verdict};

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
    let checked = match source {
        Ok(source) => checked(&mut config, source).await,
        Err(failure) => Err(failure),
    };
    let checked = checked.unwrap_or_else(nobody);
    let findings = doctor::examine(&config, checked, &wanted.wanted).await;
    tell(&findings, wanted.format)
}

/// Who can be asked.
async fn checked(config: &mut Config, source: Source) -> Result<Checked, Failure> {
    if matches!(source, Source::Simulated { .. }) {
        return Ok(Checked::Simulated);
    }
    let governor = budget::governor(config, &source);
    let tesla = account::connect(config, &source, governor, None)
        .await?
        .tesla;
    Ok(match source {
        Source::Account(account, _) => Checked::Account(account, tesla),
        _ => Checked::Gateway(tesla),
    })
}

/// Why nobody can be asked, and what mends it.
fn nobody(failure: Failure) -> Checked {
    let (problem, remedy) = match failure {
        Failure::NoAccount { problem, remedy } => (problem, remedy),
        Failure::Config(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = errors.iter().map(|error| error.at.as_str()).collect();
            (all.join("; "), format!("set {}", names.join(", ")))
        }
        // Files that cannot be read: it says itself what to do.
        other => (
            other.to_string(),
            "mend the file as it says, or log in anew: tesla-observer login".to_owned(),
        ),
    };
    Checked::Nobody { problem, remedy }
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
