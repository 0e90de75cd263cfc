//! `config`: every effective setting, and where it comes from.

use serde_json::json;

use super::account::Source;
use super::{Failure, budget, other};
use crate::cli::Format;
use crate::config::{Config, Effective};
use crate::terminal::{clean, table};

/// What is printed of one setting, or of what has become of one.
struct Row<'a> {
    name: &'a str,
    value: Option<String>,
    source: String,
}

impl<'a> From<&'a Effective> for Row<'a> {
    fn from(setting: &'a Effective) -> Self {
        Row {
            name: &setting.name,
            value: setting.value.clone(),
            source: setting.source.to_string(),
        }
    }
}

pub(super) fn print(config: Config, format: Format) -> Result<(), Failure> {
    // What would be observed decides what is in effect; that it cannot be, is for others to say.
    let source = Source::choose(&config);
    let mut config = match &source {
        Ok(Source::Simulated { .. }) => config.simulated(),
        _ => config,
    };
    let governor = source.map(|source| budget::governor(&mut config, &source));
    let mut settings: Vec<Row<'_>> = config.effective.iter().map(Row::from).collect();
    // What is counted only as long as a process lives is that process's to tell.
    if let Ok(governor) = governor
        && governor.is_kept()
    {
        settings.push(Row {
            name: "budget.spent",
            value: Some(governor.standing().to_string()),
            source: "ledger".to_owned(),
        });
    }
    let text = match format {
        Format::Json => {
            let list: Vec<_> = settings
                .iter()
                .map(|setting| {
                    json!({
                        "name": setting.name,
                        "value": setting.value,
                        "source": setting.source,
                    })
                })
                .collect();
            serde_json::to_string_pretty(&list).map_err(other)?
        }
        Format::Table => {
            let mut table = table(["Setting", "Value", "From"]);
            for setting in &settings {
                table.add_row([
                    setting.name.to_owned(),
                    clean(setting.value.as_deref().unwrap_or("–"), 200),
                    setting.source.clone(),
                ]);
            }
            table.to_string()
        }
    };
    super::print(&text)
}
