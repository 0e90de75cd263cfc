//! `config`: every effective setting, and where it comes from.

use serde_json::json;

use super::account::Source;
use super::{Failure, other};
use crate::cli::Format;
use crate::config::Config;
use crate::terminal::{clean, table};

pub(super) fn print(config: Config, format: Format) -> Result<(), Failure> {
    // What would be observed decides what is in effect; that it cannot be, is for others to say.
    let config = match Source::choose(&config) {
        Ok(Source::Simulated { .. }) => config.simulated(),
        _ => config,
    };
    let settings = &config.effective;
    let text = match format {
        Format::Json => {
            let list: Vec<_> = settings
                .iter()
                .map(|setting| {
                    json!({
                        "name": setting.name,
                        "value": setting.value,
                        "source": setting.source.to_string(),
                    })
                })
                .collect();
            serde_json::to_string_pretty(&list).map_err(other)?
        }
        Format::Table | Format::Markdown => {
            let mut table = table(["Setting", "Value", "From"]);
            for setting in settings {
                table.add_row([
                    setting.name.clone(),
                    clean(setting.value.as_deref().unwrap_or("–"), 200),
                    setting.source.to_string(),
                ]);
            }
            table.to_string()
        }
    };
    super::print(&text)
}
