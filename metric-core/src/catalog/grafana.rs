//! A dashboard as Grafana's JSON.

use serde_json::{Value, json};

use super::naming::escaped;
use super::panel::Of;
use super::query::{Names, spelled};
use super::{
    Catalog, CatalogError, CatalogMetric, Dashboard, Instrument, Naming, Panel, Problem, Row,
    Visual, units,
};

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

pub(super) fn render(catalog: &Catalog, dashboard: &Dashboard) -> Result<String, CatalogError> {
    let mut renderer = Renderer {
        catalog,
        names: catalog.names(),
        dashboard,
        problems: Vec::new(),
        panels: Vec::new(),
        y: 0,
    };
    let variables = renderer.variables();
    for row in &dashboard.rows {
        renderer.row(row);
    }
    CatalogError::unless_empty(renderer.problems)?;
    let mut made = json!({
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": dashboard.tags,
        "schemaVersion": 39,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": { "from": dashboard.from, "to": "now" },
        "timezone": "browser",
        "annotations": { "list": [] },
        "links": [{
            "asDropdown": true, "icon": "external link", "includeVars": true, "keepTime": true,
            "tags": dashboard.tags, "targetBlank": false, "title": "Dashboards", "tooltip": "",
            "type": "dashboards", "url": "",
        }],
        "templating": { "list": variables },
        "panels": renderer.panels,
    });
    // Whatever else in the program has serde_json keep the order of keys.
    made.sort_all_objects();
    Ok(super::pretty(&made))
}

struct Renderer<'a> {
    catalog: &'a Catalog,
    names: Names<'a>,
    dashboard: &'a Dashboard,
    problems: Vec<Problem>,
    panels: Vec<Value>,
    y: u32,
}

impl<'a> Renderer<'a> {
    fn variables(&mut self) -> Vec<Value> {
        let mut list = vec![json!({
            "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
        })];
        for key in &self.dashboard.variables {
            let with_it = |(metric, _): &(&CatalogMetric, Naming)| metric.attribute(key).is_some();
            let Some((metric, naming)) = self.catalog.named().find(with_it) else {
                let attributes = self.catalog.metrics().flat_map(CatalogMetric::attributes);
                let mut known: Vec<String> = attributes
                    .map(|known| format!("`{}`", known.key()))
                    .collect();
                known.sort_unstable();
                known.dedup();
                self.problems.push(Problem::UnknownAttribute {
                    place: format!("the variables of the dashboard {}", self.dashboard.title),
                    key: key.clone(),
                    known,
                });
                continue;
            };
            let place = format!("the variable {key}");
            let series = match metric.instrument() {
                Instrument::Histogram => format!("{}_count", escaped(metric.name())),
                _ => escaped(metric.name()),
            };
            let Some(name) = self.translated(&place, &series, &[]) else {
                continue;
            };
            let query = format!("label_values({name}, {})", naming.attribute(key));
            list.push(json!({
                "name": escaped(key),
                "label": key,
                "type": "query",
                "datasource": datasource(),
                "query": { "query": query, "refId": "Variable" },
                "refresh": 2,
                "sort": 1,
                "multi": true,
                "includeAll": true,
                "allValue": ".*",
                "current": { "selected": true, "text": "All", "value": "$__all" },
            }));
        }
        list
    }

    fn row(&mut self, row: &Row) {
        self.push(json!({
            "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": { "h": 1, "w": 24, "x": 0, "y": self.y },
        }));
        self.y += 1;
        let (mut x, mut height) = (0, 0);
        for panel in &row.panels {
            let (width, own) = (u32::from(panel.size.0), u32::from(panel.size.1));
            if x + width > 24 {
                self.y += height;
                (x, height) = (0, 0);
            }
            let mut made = self.panel(panel);
            made["gridPos"] = json!({ "h": own, "w": width, "x": x, "y": self.y });
            self.push(made);
            x += width;
            height = height.max(own);
        }
        self.y += height;
    }

    fn push(&mut self, mut panel: Value) {
        panel["id"] = json!(self.panels.len() + 1);
        self.panels.push(panel);
    }

    fn panel(&mut self, panel: &Panel) -> Value {
        let mut panel = panel.clone();
        match panel.of.take() {
            Some(Of::States(name)) => self.states(&mut panel, &name),
            Some(Of::Info(name)) => self.info(&mut panel, &name),
            None => {}
        }
        let table = panel.visual == Visual::Table;
        let mut asked: Vec<&CatalogMetric> = Vec::new();
        let mut targets = Vec::new();
        for (index, (query, legend)) in panel.queries.iter().enumerate() {
            asked.extend(self.names.in_query(query));
            let place = format!("the panel {}", panel.title);
            let variables = self.dashboard.variables.clone();
            let Some(expr) = self.translated(&place, query, &variables) else {
                continue;
            };
            targets.push(json!({
                "refId": reference(index),
                "datasource": datasource(),
                "editorMode": "code",
                "expr": expr,
                "legendFormat": match legend.as_str() { "" => "__auto", legend => legend },
                "format": if table { "table" } else { "time_series" },
                "instant": table,
                "range": !table,
            }));
        }
        asked.dedup_by_key(|metric| metric.name());
        json!({
            "type": type_of(panel.visual),
            "title": panel.title,
            "description": description(&panel, &asked),
            "datasource": datasource(),
            "targets": targets,
            "fieldConfig": field_config(&panel, &asked, &self.names),
            "options": options(panel.visual),
            "transformations": transformations(&panel),
        })
    }

    /// The panel's query and texts for the states of a metric: each state is a number, and each number has
    /// the state's name.
    fn states(&mut self, panel: &mut Panel, name: &str) {
        let Some(metric) = self.names.in_query(name).first().copied() else {
            // The query says so.
            panel.queries.push((name.to_owned(), String::new()));
            return;
        };
        let naming = self
            .catalog
            .named()
            .find(|(known, _)| known.name() == metric.name());
        let naming = naming.map_or(Naming::default(), |(_, naming)| naming);
        let by = metric.attributes().iter().map(|attribute| attribute.key());
        let by: Vec<&str> = by.filter(|key| *key != crate::schema::STATE).collect();
        let name = escaped(metric.name());
        let numbered = metric.states().iter().enumerate();
        let numbered =
            numbered.map(|(index, state)| format!("{name}{{state=\"{state}\"}} * {index}"));
        let by_spelled: Vec<String> = by.iter().map(|key| escaped(key)).collect();
        let query = format!(
            "sum by ({}) ({})",
            by_spelled.join(", "),
            numbered.collect::<Vec<_>>().join(" or ")
        );
        let legend: Vec<String> = by
            .iter()
            .map(|key| format!("{{{{{}}}}}", spelled(naming, key).trim_matches('"')))
            .collect();
        panel.queries.push((query, legend.join(" ")));
        panel.unit.get_or_insert_default();
        for (index, state) in metric.states().iter().enumerate() {
            panel.texts.push((index_as_value(index), state.clone()));
        }
    }

    /// The panel's query for an information metric: by its attributes, so that no others are columns.
    fn info(&mut self, panel: &mut Panel, name: &str) {
        let metric = self.names.in_query(name).first().copied();
        let keys = metric.into_iter().flat_map(|metric| metric.attributes());
        let keys: Vec<String> = keys.map(|attribute| escaped(attribute.key())).collect();
        let query = match keys.is_empty() {
            true => name.to_owned(),
            false => format!("max by ({}) ({name})", keys.join(", ")),
        };
        panel.queries.push((query, String::new()));
    }

    fn translated(&mut self, place: &str, query: &str, variables: &[String]) -> Option<String> {
        match self.names.translate(place, query, variables) {
            Ok(translated) => Some(translated),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }
}

/// States are few.
fn index_as_value(index: usize) -> f64 {
    f64::from(u32::try_from(index).unwrap_or(u32::MAX))
}

fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// `A`, `B`, … `Z`, `A1`, …
fn reference(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    match index / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

fn type_of(visual: Visual) -> &'static str {
    match visual {
        Visual::TimeSeries => "timeseries",
        Visual::Stat => "stat",
        Visual::Gauge => "gauge",
        Visual::StateTimeline => "state-timeline",
        Visual::Table => "table",
    }
}

fn description(panel: &Panel, asked: &[&CatalogMetric]) -> String {
    if !panel.description.is_empty() {
        return panel.description.clone();
    }
    let told = asked
        .iter()
        .filter(|metric| !metric.description().is_empty());
    let lines: Vec<String> = match asked {
        [one] => vec![one.description().to_owned()],
        _ => told
            .map(|metric| format!("`{}`: {}", metric.name(), metric.description()))
            .collect(),
    };
    lines.join("\n\n")
}

/// The unit of all the metrics, if it is one.
fn unit(asked: &[&CatalogMetric]) -> String {
    let mut units = asked.iter().map(|metric| metric.unit());
    match units.next() {
        Some(first) if units.all(|other| other == first) => first.to_owned(),
        _ => String::new(),
    }
}

fn field_config(panel: &Panel, asked: &[&CatalogMetric], names: &Names<'_>) -> Value {
    let of_all = panel.unit.clone().unwrap_or_else(|| unit(asked));
    let mut steps = vec![json!({ "color": "green", "value": null })];
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
        for (query, title) in panel.queries.iter().filter(|(_, title)| !title.is_empty()) {
            overrides.push(json!({
                "matcher": { "id": "byName", "options": title },
                "properties": [{ "id": "unit", "value": units::grafana(&unit(&names.in_query(query))) }],
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

fn options(visual: Visual) -> Value {
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

fn transformations(panel: &Panel) -> Value {
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
