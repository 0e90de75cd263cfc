//! `metrics`: the catalogue of all exported metrics, and what is made of it.

use std::path::Path;

use metric_core::catalog::{Catalog, CatalogMetric, Format as Made, write_text};

use super::{Failure, other};
use crate::catalog::{self, Backend, VEHICLE, short};
use crate::cli::{Metrics, MetricsFormat};
use crate::terminal::{table, width};

/// On a terminal that is not as wide, five columns would break the names.
const NARROW: u16 = 160;

pub(super) fn print(wanted: &Metrics) -> Result<(), Failure> {
    let catalog = catalog::catalog(wanted.backend);
    if let Some(directory) = &wanted.output {
        return write(&catalog, wanted.backend, directory);
    }
    let made = |format| catalog.render(format).map_err(other);
    let text = match (wanted.format, &wanted.dashboard) {
        (MetricsFormat::Grafana, Some(name)) => dashboard(&catalog, name)?,
        (_, Some(name)) => {
            return Err(Failure::Other(format!(
                "--dashboard {name} goes with --format grafana: add it"
            )));
        }
        (MetricsFormat::Table, None) => in_columns(&catalog),
        (MetricsFormat::Markdown, None) => made(Made::Markdown)?,
        (MetricsFormat::Json, None) => made(Made::Json)?,
        (MetricsFormat::Weaver, None) => made(Made::Weaver)?,
        (MetricsFormat::Grafana, None) => made(Made::Grafana)?,
        (MetricsFormat::Rules, None) => made(Made::Rules)?,
    };
    super::print(&text)
}

/// One dashboard, by its uid with or without `tesla-`.
fn dashboard(catalog: &Catalog, name: &str) -> Result<String, Failure> {
    let all = catalog::dashboards();
    let found = all.iter().find(|known| short(known.uid()) == short(name));
    match found {
        Some(found) => catalog.dashboard(found).map_err(other),
        None => {
            let known: Vec<&str> = all.iter().map(|dashboard| short(dashboard.uid())).collect();
            Err(Failure::Other(format!(
                "there is no dashboard {name:?}: there are {}; without --dashboard it is one of all metrics",
                known.join(", ")
            )))
        }
    }
}

/// Writes all dashboards, and the rules, into a directory.
fn write(catalog: &Catalog, backend: Backend, directory: &Path) -> Result<(), Failure> {
    for dashboard in &catalog::dashboards() {
        let path = directory.join(format!("{}.json", short(dashboard.uid())));
        let made = catalog.dashboard(dashboard).map_err(other)?;
        write_text(path, &made).map_err(other)?;
    }
    let rules = catalog.render(Made::Rules).map_err(other)?;
    write_text(directory.join("rules.yml"), &rules).map_err(other)?;
    super::print(&format!(
        "{} dashboards and rules.yml for {} are in {}",
        catalog::dashboards().len(),
        backend.as_str(),
        directory.display()
    ))
}

/// As a table for people.
fn in_columns(catalog: &Catalog) -> String {
    let narrow = width().is_some_and(|width| width < NARROW);
    let mut table = match narrow {
        true => table(["Metric", "Kind", "Unit"]),
        false => table(["Metric", "Kind", "Unit", "Attributes", "Description"]),
    };
    if narrow {
        // A line between metrics: each has several.
        table.load_style(comfy_table::presets::UTF8_FULL);
    }
    for metric in catalog.metrics() {
        let cells = cells(metric);
        if narrow {
            let [name, kind, unit, attributes, description] = cells;
            let about = [name, description, attributes];
            let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
            table.add_row([about.join("\n"), kind, unit]);
        } else {
            table.add_row(cells);
        }
    }
    table.to_string()
}

fn cells(metric: &CatalogMetric) -> [String; 5] {
    // What every vehicle's series has would only fill the table.
    let keys = metric.attributes().iter().map(|attribute| attribute.key());
    let keys = keys.filter(|key| !VEHICLE.contains(key));
    let keys = keys.map(|key| match (key, metric.states()) {
        ("state", [_, ..]) => format!("state: {}", metric.states().join(" / ")),
        (key, _) => key.to_owned(),
    });
    [
        metric.name().to_owned(),
        metric.instrument().as_str().to_owned(),
        metric.unit().to_owned(),
        keys.collect::<Vec<_>>().join(", "),
        metric.description().to_owned(),
    ]
}
