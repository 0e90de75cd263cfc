//! A dashboard as Grafana's JSON.

mod look;

use serde_json::{Value, json};

use super::names::Names;
use super::naming::escaped;
use super::panel::Of;
use super::query::Translated;
use super::{
    Catalog, CatalogError, CatalogMetric, Dashboard, Instrument, Naming, Panel, Problem, Row,
    Visual,
};
use crate::schema::STATE;

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
                let known = self.names.attributes().into_iter();
                let known = known.map(|key| format!("`{key}`")).collect();
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
            let Some(translated) = self.translated(&place, &series, &[]) else {
                continue;
            };
            let name = translated.query;
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
        let dashboard = self.dashboard;
        let mut asked: Vec<Vec<&CatalogMetric>> = Vec::new();
        let mut targets = Vec::new();
        for (index, (query, legend)) in panel.queries.iter().enumerate() {
            let place = place(&panel);
            let Some(translated) = self.translated(&place, query, &dashboard.variables) else {
                continue;
            };
            targets.push(json!({
                "refId": reference(index),
                "datasource": datasource(),
                "editorMode": "code",
                "expr": translated.query,
                "legendFormat": match legend.as_str() {
                    "" => "__auto".to_owned(),
                    legend => translated.legend(legend),
                },
                "format": if table { "table" } else { "time_series" },
                "instant": table,
                "range": !table,
            }));
            asked.push(
                translated
                    .asked
                    .into_iter()
                    .map(|(metric, _)| metric)
                    .collect(),
            );
        }
        json!({
            "type": look::type_of(panel.visual),
            "title": panel.title,
            "description": description(&panel, &asked.concat()),
            "datasource": datasource(),
            "targets": targets,
            "fieldConfig": look::field_config(&panel, &asked),
            "options": look::options(panel.visual),
            "transformations": look::transformations(&panel),
        })
    }

    /// The panel's query and texts for the states of a metric: each state is a number, and each number has
    /// the state's name.
    fn states(&mut self, panel: &mut Panel, name: &str) {
        let metric = self.names.get(name).map(|named| named.metric);
        if metric.is_some_and(|metric| metric.states().is_empty()) {
            self.problems.push(Problem::Query {
                place: place(panel),
                problem: format!("`{name}` has no states: show it with `Panel::new`"),
            });
            return;
        }
        let Some(metric) = metric else {
            // Its query says that there is no such metric.
            panel.queries.push((name.to_owned(), String::new()));
            return;
        };
        let by = metric.attributes().iter().map(|attribute| attribute.key());
        let by: Vec<&str> = by.filter(|key| *key != STATE).collect();
        let numbered = metric.states().iter().enumerate();
        let numbered =
            numbered.map(|(index, state)| format!("{name}{{{STATE}=\"{state}\"}} * {index}"));
        let query = format!(
            "sum by ({}) ({})",
            by.join(", "),
            numbered.collect::<Vec<_>>().join(" or ")
        );
        let legend: Vec<String> = by.iter().map(|key| format!("{{{{{key}}}}}")).collect();
        panel.queries.push((query, legend.join(" ")));
        panel.unit.get_or_insert_default();
        for (index, state) in metric.states().iter().enumerate() {
            panel.texts.push((index_as_value(index), state.clone()));
        }
    }

    /// The panel's query for an information metric: by its attributes, so that no others are columns.
    fn info(&mut self, panel: &mut Panel, name: &str) {
        let metric = self.names.get(name).map(|named| named.metric);
        let keys = metric.into_iter().flat_map(CatalogMetric::attributes);
        let keys: Vec<&str> = keys.map(|attribute| attribute.key()).collect();
        let query = match keys.is_empty() {
            true => name.to_owned(),
            false => format!("max by ({}) ({name})", keys.join(", ")),
        };
        panel.queries.push((query, String::new()));
    }

    fn translated(
        &mut self,
        place: &str,
        query: &str,
        variables: &[String],
    ) -> Option<Translated<'a>> {
        match self.names.translate(place, query, variables) {
            Ok(translated) => Some(translated),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }
}

fn place(panel: &Panel) -> String {
    format!("the panel {}", panel.title)
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

/// What is told of the panel: by itself, or of each metric that it asks for.
fn description(panel: &Panel, asked: &[&CatalogMetric]) -> String {
    if !panel.description.is_empty() {
        return panel.description.clone();
    }
    let mut told: Vec<&CatalogMetric> = Vec::new();
    for metric in asked
        .iter()
        .filter(|metric| !metric.description().is_empty())
    {
        if !told.iter().any(|known| std::ptr::eq(*known, *metric)) {
            told.push(metric);
        }
    }
    match told.as_slice() {
        [one] => one.description().to_owned(),
        told => {
            let line =
                |metric: &&CatalogMetric| format!("`{}`: {}", metric.name(), metric.description());
            told.iter().map(line).collect::<Vec<_>>().join("\n\n")
        }
    }
}
