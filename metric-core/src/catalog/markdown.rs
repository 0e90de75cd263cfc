//! The catalogue as tables in Markdown.

use std::fmt::Write as _;

use super::{Catalog, CatalogGroup, CatalogMetric};
use crate::schema::STATE;

pub(super) fn render(catalog: &Catalog) -> String {
    let mut text = String::new();
    let several = catalog.groups().count() > 1;
    for group in catalog.groups() {
        if several {
            let separator = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{separator}## {}\n", cell(group.title()));
        }
        let common = group.attributes().iter();
        let common: Vec<String> = common.map(|known| format!("`{}`", known.key())).collect();
        if !common.is_empty() {
            let _ = writeln!(text, "Attributes of all: {}.\n", common.join(", "));
        }
        text += "| metric | kind | unit | attributes | description |\n|---|---|---|---|---|\n";
        for metric in group.metrics() {
            text += &row(group, metric);
        }
    }
    text
}

fn row(group: &CatalogGroup, metric: &CatalogMetric) -> String {
    let unit = match metric.unit() {
        "" => String::new(),
        unit => format!("`{}`", cell(unit)),
    };
    let own = metric.attributes().iter().filter(|own| {
        !group
            .attributes()
            .iter()
            .any(|known| known.key() == own.key())
    });
    let own: Vec<String> = own
        .map(|attribute| match (attribute.key(), metric.states()) {
            (STATE, [_, ..]) => format!("{STATE}: {}", metric.states().join(" / ")),
            (key, _) => key.to_owned(),
        })
        .collect();
    format!(
        "| `{}` | {} | {unit} | {} | {} |\n",
        metric.name(),
        metric.instrument().as_str(),
        cell(&own.join(", ")),
        cell(metric.description())
    )
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
