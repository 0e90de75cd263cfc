//! How a panel looks, as Grafana's JSON: what depends on its kind, its units, colours and texts.

use serde_json::{Value, json};

use super::super::{CatalogMetric, Panel, Visual, units};
use super::reference;

/// The colours of states, in their order, which tell neighbours apart.
const COLORS: [&str; 12] = [
    "green",
    "blue",
    "orange",
    "purple",
    "yellow",
    "red",
    "dark-green",
    "dark-blue",
    "dark-orange",
    "dark-purple",
    "dark-yellow",
    "dark-red",
];

/// Columns that a table does not show.
const HIDDEN: [&str; 6] = [
    "Time",
    "__name__",
    "job",
    "instance",
    "service_name",
    "Value",
];

pub(super) fn type_of(visual: Visual) -> &'static str {
    match visual {
        Visual::TimeSeries => "timeseries",
        Visual::Stat => "stat",
        Visual::Gauge => "gauge",
        Visual::StateTimeline => "state-timeline",
        Visual::Table => "table",
    }
}

/// The unit of all the metrics, if it is one.
fn unit(asked: &[&CatalogMetric]) -> String {
    let mut units = asked.iter().map(|metric| metric.unit());
    match units.next() {
        Some(first) if units.all(|other| other == first) => first.to_owned(),
        _ => String::new(),
    }
}

/// `asked` are the metrics of each query.
pub(super) fn field_config(panel: &Panel, asked: &[Vec<&CatalogMetric>]) -> Value {
    let of_all = panel.unit.clone().unwrap_or_else(|| unit(&asked.concat()));
    let mut steps = vec![json!({ "color": panel.base, "value": null })];
    for (from, color) in &panel.steps {
        steps.push(json!({ "color": color, "value": from }));
    }
    let mut texts = serde_json::Map::new();
    for (index, (value, text)) in panel.texts.iter().enumerate() {
        let mut shown = json!({ "text": text, "index": index });
        if panel.steps.is_empty() {
            shown["color"] = json!(COLORS[index % COLORS.len()]);
        }
        texts.insert(value.to_string(), shown);
    }
    let mut defaults = json!({
        "unit": units::grafana(&of_all),
        "color": { "mode": match panel.visual {
            Visual::TimeSeries => "palette-classic",
            _ => "thresholds",
        } },
        "thresholds": { "mode": "absolute", "steps": steps },
        "mappings": match texts.is_empty() {
            true => json!([]),
            false => json!([{ "type": "value", "options": texts }]),
        },
        "custom": custom(panel.visual),
    });
    for (name, end) in [("min", panel.bounds.0), ("max", panel.bounds.1)] {
        if let Some(end) = end {
            defaults[name] = json!(end);
        }
    }
    let mut overrides = Vec::new();
    if panel.visual == Visual::Table && panel.unit.is_none() {
        let columns = panel.queries.iter().zip(asked);
        for ((_, title), asked) in columns.filter(|((_, title), _)| !title.is_empty()) {
            overrides.push(json!({
                "matcher": { "id": "byName", "options": title },
                "properties": [{ "id": "unit", "value": units::grafana(&unit(asked)) }],
            }));
        }
    }
    json!({ "defaults": defaults, "overrides": overrides })
}

fn custom(visual: Visual) -> Value {
    match visual {
        Visual::TimeSeries => json!({
            "drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": 10,
            "showPoints": "auto", "pointSize": 4, "spanNulls": false,
            "axisPlacement": "auto", "scaleDistribution": { "type": "linear" },
        }),
        Visual::StateTimeline => json!({ "fillOpacity": 80, "lineWidth": 0, "spanNulls": false }),
        Visual::Table => json!({ "align": "auto", "filterable": true }),
        Visual::Stat | Visual::Gauge => json!({}),
    }
}

pub(super) fn options(visual: Visual) -> Value {
    let last = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
    match visual {
        Visual::TimeSeries => json!({
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
            "tooltip": { "mode": "multi", "sort": "none" },
        }),
        Visual::StateTimeline => json!({
            "alignValue": "left", "mergeValues": true, "rowHeight": 0.8, "showValue": "auto",
            "legend": { "displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": [] },
            "tooltip": { "mode": "single", "sort": "none" },
        }),
        Visual::Stat => json!({
            "colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto",
            "textMode": "auto", "wideLayout": true, "showPercentChange": false,
            "percentChangeColorMode": "standard", "reduceOptions": last,
        }),
        Visual::Gauge => json!({
            "minVizHeight": 75, "minVizWidth": 75, "orientation": "auto", "sizing": "auto",
            "showThresholdLabels": false, "showThresholdMarkers": true, "reduceOptions": last,
        }),
        Visual::Table => json!({
            "cellHeight": "sm", "frameIndex": 0, "showHeader": true, "showTypeIcons": false,
        }),
    }
}

pub(super) fn transformations(panel: &Panel) -> Value {
    if panel.visual != Visual::Table {
        return json!([]);
    }
    let mut titles = serde_json::Map::new();
    for (index, (_, title)) in panel.queries.iter().enumerate() {
        let column = match panel.queries.len() {
            1 => "Value".to_owned(),
            _ => format!("Value #{}", reference(index)),
        };
        if !title.is_empty() {
            titles.insert(column, json!(title));
        }
    }
    let hidden = HIDDEN
        .iter()
        .filter(|column| !titles.contains_key(**column));
    let hidden: serde_json::Map<String, Value> = hidden
        .map(|column| ((*column).to_owned(), json!(true)))
        .collect();
    json!([
        { "id": "merge", "options": {} },
        { "id": "organize", "options": {
            "excludeByName": hidden, "indexByName": {}, "renameByName": titles,
        } },
    ])
}
