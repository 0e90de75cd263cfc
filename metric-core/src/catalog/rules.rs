//! Rule files for Prometheus, and for what reads the same: vmalert, Mimir, Thanos.

use std::collections::BTreeMap;

use serde::Serialize;

use super::naming::escaped;
use super::{Catalog, CatalogError, Instrument};

/// An alert: when something that the catalogue's metrics tell should be told to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    name: String,
    query: String,
    lasting: Option<String>,
    severity: String,
    summary: String,
    description: String,
}

impl Alert {
    /// The alert `name` (`TyrePressureLow`), which fires for each series that the query returns. Metrics
    /// are named as OpenTelemetry does, or with `_` in place of what PromQL cannot spell.
    pub fn new(name: impl Into<String>, query: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            query: query.into(),
            lasting: None,
            severity: "warning".to_owned(),
            summary: String::new(),
            description: String::new(),
        }
    }

    /// Only after it has held for so long, without a break (`10m`).
    #[must_use]
    pub fn lasting(mut self, duration: impl Into<String>) -> Self {
        self.lasting = Some(duration.into());
        self
    }

    /// With a severity other than `warning`: `critical`, `info`.
    #[must_use]
    pub fn with_severity(mut self, severity: impl Into<String>) -> Self {
        self.severity = severity.into();
        self
    }

    /// With one line that says what is the matter. `{{ $labels.vin }}` and `{{ $value }}` are Prometheus'.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The query.
    pub fn query(&self) -> &str {
        &self.query
    }
}

#[derive(Serialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Rule {
    Alert {
        alert: String,
        expr: String,
        #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
        lasting: Option<String>,
        labels: BTreeMap<&'static str, String>,
        annotations: BTreeMap<&'static str, String>,
    },
    Record {
        record: String,
        expr: String,
    },
}

pub(super) fn render(catalog: &Catalog) -> Result<String, CatalogError> {
    let names = catalog.names();
    let mut problems = Vec::new();
    let mut alerts = Vec::new();
    for alert in &catalog.alerts {
        let place = format!("the alert {}", alert.name);
        match names.translate(&place, &alert.query, &[]) {
            Ok(translated) => alerts.push(Rule::Alert {
                alert: alert.name.clone(),
                expr: translated.query,
                lasting: alert.lasting.clone(),
                labels: BTreeMap::from([("severity", alert.severity.clone())]),
                annotations: [
                    ("summary", &alert.summary),
                    ("description", &alert.description),
                ]
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(key, text)| (key, text.clone()))
                .collect(),
            }),
            Err(problem) => problems.push(problem),
        }
    }
    let mut recorded = Vec::new();
    for metric in catalog.metrics() {
        let name = escaped(metric.name());
        let (what, query) = match metric.instrument() {
            Instrument::Counter => ("rate5m", format!("rate({name}[5m])")),
            Instrument::Histogram => (
                "p95_5m",
                format!(
                    "histogram_quantile(0.95, sum without (instance) (rate({name}_bucket[5m])))"
                ),
            ),
            _ => continue,
        };
        match names.translate(metric.name(), &query, &[]) {
            Ok(translated) => recorded.push(Rule::Record {
                record: format!("{name}:{what}"),
                expr: translated.query,
            }),
            Err(problem) => problems.push(problem),
        }
    }
    CatalogError::unless_empty(problems)?;
    let group = |what: &str, rules: Vec<Rule>| Group {
        name: format!("{}.{what}", catalog.name()),
        rules,
    };
    let groups = [group("alerts", alerts), group("recorded", recorded)];
    let file = File {
        groups: groups
            .into_iter()
            .filter(|group| !group.rules.is_empty())
            .collect(),
    };
    let head = format!("# Rules of {}, made from its schema.\n", catalog.name());
    Ok(super::yaml(&head, &file))
}
