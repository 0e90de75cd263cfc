//! `metrics`: the catalogue of all exported metrics, made from the schemas.

use metric_core::{Entry, Kind, MetricCollector, Schema, Shape};
use serde::Serialize;

use super::{Failure, other};
use crate::cli::Format;
use crate::instrumentor::VehicleReport;
use crate::model::EvMetrics;
use crate::telemetry;
use crate::terminal::{table, width};

/// One exported metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// `gauge`, `counter`, `up-down counter` or `histogram`.
    pub kind: &'static str,
    /// Its UCUM unit; empty for none.
    pub unit: &'static str,
    /// What it means.
    pub description: &'static str,
    /// The keys of its attributes.
    pub attributes: Vec<&'static str>,
    /// The values of the attribute `state`, if it has one point for each.
    pub states: &'static [&'static str],
}

/// On a terminal that is not as wide, five columns would break the names.
const NARROW: u16 = 160;

/// What tells vehicles apart.
const VEHICLE: [&str; 2] = ["vehicle_id", "vin"];

/// All metrics that are exported: the vehicles', and the observer's own.
pub fn catalogue() -> Vec<Exported> {
    let mut all = exported(VehicleReport::<EvMetrics>::SCHEMA, &VEHICLE);
    for (schema, attributes) in telemetry::own_schemas() {
        all.extend(exported(schema, attributes));
    }
    all.extend(telemetry::own_histograms().map(|histogram| Exported {
        name: histogram.name.to_owned(),
        kind: "histogram",
        unit: histogram.unit,
        description: histogram.description,
        attributes: histogram.attributes.to_vec(),
        states: &[],
    }));
    all
}

fn exported(schema: &'static Schema, attributes: &[&'static str]) -> Vec<Exported> {
    let one = |entry: Entry| {
        let states: &'static [&'static str] = match entry.metric.shape() {
            Shape::States(states) => states,
            _ => &[],
        };
        let mut keys = attributes.to_vec();
        // Those of states and of information are among them.
        keys.extend(entry.attributes.iter().map(|attribute| attribute.key()));
        Exported {
            name: entry.name.as_str().to_owned(),
            kind: match entry.metric.kind() {
                Kind::Counter => "counter",
                Kind::UpDownCounter => "up-down counter",
                _ => "gauge",
            },
            unit: entry.metric.unit(),
            description: entry.metric.description(),
            attributes: keys,
            states,
        }
    };
    schema.entries().map(one).collect()
}

pub(super) fn print(format: Format) -> Result<(), Failure> {
    let catalogue = catalogue();
    let text = match format {
        Format::Table => {
            let narrow = width().is_some_and(|width| width < NARROW);
            let mut table = match narrow {
                true => table(["Metric", "Kind", "Unit"]),
                false => table(["Metric", "Kind", "Unit", "Attributes", "Description"]),
            };
            if narrow {
                // A line between metrics: each has several.
                table.load_style(comfy_table::presets::UTF8_FULL);
            }
            for metric in &catalogue {
                let cells = cells(metric);
                if narrow {
                    let [name, kind, unit, attributes, description] = cells;
                    let about = [name, description, attributes];
                    let about: Vec<String> =
                        about.into_iter().filter(|part| !part.is_empty()).collect();
                    table.add_row([about.join("\n"), kind, unit]);
                } else {
                    table.add_row(cells);
                }
            }
            table.to_string()
        }
        Format::Markdown => markdown(),
        Format::Json => serde_json::to_string_pretty(&catalogue).map_err(other)?,
    };
    super::print(&text)
}

/// The catalogue as a table in Markdown.
pub fn markdown() -> String {
    let mut text =
        "| metric | kind | unit | attributes | description |\n|---|---|---|---|---|\n".to_owned();
    for metric in &catalogue() {
        let [name, kind, unit, attributes, description] =
            cells(metric).map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        let unit = match unit.as_str() {
            "" => String::new(),
            unit => format!("`{unit}`"),
        };
        text += &format!("| `{name}` | {kind} | {unit} | {attributes} | {description} |\n");
    }
    text
}

fn cells(metric: &Exported) -> [String; 5] {
    // What every vehicle's series has would only fill the table.
    let told = |key: &&&str| !VEHICLE.contains(key);
    let keys = metric.attributes.iter().filter(told);
    let keys = keys.map(|key| match (*key, metric.states) {
        ("state", [_, ..]) => format!("state: {}", metric.states.join(" / ")),
        (key, _) => key.to_owned(),
    });
    let attributes = keys.collect::<Vec<_>>().join(", ");
    [
        metric.name.clone(),
        metric.kind.to_owned(),
        metric.unit.to_owned(),
        attributes,
        metric.description.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalogue_has_every_metric_once_with_a_description() {
        let catalogue = catalogue();
        let names: HashSet<&str> = catalogue
            .iter()
            .map(|metric| metric.name.as_str())
            .collect();
        assert_eq!(names.len(), catalogue.len());
        for name in [
            "chargestate_battery_level",
            "drivestate_native_location_supported",
            "vehicle_state",
            "vehicle_state_online",
            "vehicle_info",
            "observer.cycles",
            "http.client.request.duration",
        ] {
            assert!(names.contains(name), "{name}");
        }
        for metric in &catalogue {
            assert!(!metric.description.is_empty(), "{}", metric.name);
            let keys: HashSet<_> = metric.attributes.iter().collect();
            assert_eq!(keys.len(), metric.attributes.len(), "{}", metric.name);
            assert_eq!(
                metric.attributes.contains(&"state"),
                !metric.states.is_empty()
            );
        }
    }

    #[test]
    fn the_markdown_table_has_a_row_for_each_metric_and_its_five_cells() {
        let markdown = markdown();
        assert_eq!(markdown.lines().count(), catalogue().len() + 2);
        for line in markdown.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(bars, 6, "{line}");
        }
    }
}
