//! From a schema to what is told about its metrics elsewhere: documentation, dashboards, alerts.
//!
//! Names, units and descriptions stand once, in the struct. A [`Catalog`] makes the rest of them, as text:
//! a table in Markdown, JSON, a registry for OpenTelemetry's Weaver, a dashboard for Grafana, and rules for
//! Prometheus. Commit what it makes, and check it in a test: a file that no longer fits the schema fails.
//!
//! ```
//! use metric_core::MetricCollector;
//! use metric_core::catalog::{Alert, Catalog, Format, Naming, Source};
//!
//! /// A pump.
//! #[derive(MetricCollector)]
//! struct Pump {
//!     /// Pressure behind the pump.
//!     #[metric(unit = "bar")]
//!     pressure: f64,
//!     /// Strokes since it was built.
//!     #[metric(unit = "{stroke}", counter)]
//!     strokes: u64,
//! }
//!
//! let catalog = Catalog::new("pumps")
//!     .with_source(Source::new(Pump::SCHEMA).with_attribute("pump"))
//!     .with_alert(Alert::new("PumpDry", "pump.pressure < 0.5").lasting("5m"))
//!     .with_naming(Naming::WithSuffixes);
//!
//! assert!(catalog.render(Format::Markdown)?.contains("| `pump.pressure` | gauge | `bar` |"));
//! assert!(catalog.render(Format::Rules)?.contains("pump_pressure_bar < 0.5"));
//! # let path = std::env::temp_dir().join(format!("metric-catalog-{}.md", std::process::id()));
//! # catalog.write_file(&path, Format::Markdown)?;
//! catalog.check_file(&path, Format::Markdown)?; // in a test
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod dashboard;
mod grafana;
mod group;
mod markdown;
mod metric;
mod names;
mod naming;
mod overview;
mod panel;
mod problem;
mod query;
mod rules;
mod units;
mod weaver;

use std::path::Path;

pub use dashboard::{Dashboard, Row};
pub use group::{CatalogGroup, Source};
pub use metric::{CatalogAttribute, CatalogMetric, Instrument, Values};
pub use naming::Naming;
pub use panel::{Panel, Visual};
pub use problem::{CatalogError, Problem};
pub use rules::Alert;

use self::names::Names;

/// All metrics that a program exports, described. See the [module](self).
#[derive(Clone, Debug)]
pub struct Catalog {
    name: String,
    naming: Naming,
    groups: Vec<(CatalogGroup, Option<Naming>)>,
    alerts: Vec<Alert>,
}

/// What a catalogue can be made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A table for each group, in Markdown. Names are OpenTelemetry's.
    Markdown,
    /// An array of all metrics. Names are OpenTelemetry's.
    Json,
    /// A registry of semantic conventions: YAML for OpenTelemetry's Weaver.
    Weaver,
    /// A dashboard for Grafana ([`Dashboard::of`]): JSON to import or to provision.
    Grafana,
    /// A rule file for Prometheus: the alerts, and a recorded rate of each counter.
    Rules,
}

impl Catalog {
    /// An empty catalogue. The name is what is observed: `pumps`, `my-service`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            naming: Naming::default(),
            groups: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// With the metrics of a schema. Each of its groups that has metrics of its own is a group here.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        let naming = source.naming();
        for group in source.into_groups() {
            self.groups.push((group, naming));
        }
        self
    }

    /// With an alert, for [`Format::Rules`].
    #[must_use]
    pub fn with_alert(mut self, alert: Alert) -> Self {
        self.alerts.push(alert);
        self
    }

    /// With the way in which the backend names metrics; that of a source is stronger.
    #[must_use]
    pub fn with_naming(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The groups, in the order in which they came.
    pub fn groups(&self) -> impl Iterator<Item = &CatalogGroup> {
        self.groups.iter().map(|(group, _)| group)
    }

    /// All metrics, in the order in which they came.
    pub fn metrics(&self) -> impl Iterator<Item = &CatalogMetric> {
        self.groups().flat_map(CatalogGroup::metrics)
    }

    /// The metrics, each with how the backend names it.
    fn named(&self) -> impl Iterator<Item = (&CatalogMetric, Naming)> {
        self.groups.iter().flat_map(|(group, naming)| {
            let naming = naming.unwrap_or(self.naming);
            group.metrics().iter().map(move |metric| (metric, naming))
        })
    }

    fn names(&self) -> Names<'_> {
        Names::new(self.named())
    }

    /// Makes it into `format`.
    ///
    /// # Errors
    ///
    /// If [`check`](Self::check) fails, or a query asks for what is not in the catalogue.
    pub fn render(&self, format: Format) -> Result<String, CatalogError> {
        self.check()?;
        match format {
            Format::Markdown => Ok(markdown::render(self)),
            Format::Json => Ok(pretty(&self.metrics().collect::<Vec<_>>())),
            Format::Weaver => Ok(weaver::render(self)),
            Format::Grafana => grafana::render(self, &Dashboard::of(self)),
            Format::Rules => rules::render(self),
        }
    }

    /// Makes a dashboard for Grafana, in JSON: its queries with the backend's names.
    ///
    /// # Errors
    ///
    /// If [`check`](Self::check) fails, or a query asks for what is not in the catalogue.
    pub fn dashboard(&self, dashboard: &Dashboard) -> Result<String, CatalogError> {
        self.check()?;
        grafana::render(self, dashboard)
    }

    /// One query in the backend's words: names as it has them, all else as it was. Metrics are named as
    /// OpenTelemetry does, or with `_` in place of what PromQL cannot spell.
    ///
    /// # Errors
    ///
    /// If it asks for what is not in the catalogue.
    pub fn query(&self, query: &str) -> Result<String, CatalogError> {
        Ok(self.names().translate("the query", query, &[])?.query)
    }

    /// Checks that no two metrics, and no two attributes of one, have the same name once a backend has
    /// translated them, in any of the ways of [`Naming`].
    ///
    /// # Errors
    ///
    /// All names that collide, each with what to do.
    pub fn check(&self) -> Result<(), CatalogError> {
        check::check(self)
    }

    /// Checks that the file is what is made from the schema now.
    ///
    /// # Errors
    ///
    /// If it is not, or cannot be read; and those of [`render`](Self::render).
    pub fn check_file(&self, path: impl AsRef<Path>, format: Format) -> Result<(), CatalogError> {
        check_text(path, &self.render(format)?)
    }

    /// Writes the file that [`check_file`](Self::check_file) checks.
    ///
    /// # Errors
    ///
    /// If it cannot be written; and those of [`render`](Self::render).
    pub fn write_file(&self, path: impl AsRef<Path>, format: Format) -> Result<(), CatalogError> {
        write_text(path, &self.render(format)?)
    }
}

/// Checks that a committed file is `made`: for what is made of a catalogue in another way than by
/// [`Catalog::render`]. Line ends do not matter.
///
/// # Errors
///
/// If it is not, with the first line that differs; or cannot be read.
pub fn check_text(path: impl AsRef<Path>, made: &str) -> Result<(), CatalogError> {
    problem::compare(path.as_ref(), made)
}

/// Writes the file that [`check_text`] checks, and the directory that it is in.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_text(path: impl AsRef<Path>, made: &str) -> Result<(), CatalogError> {
    let path = path.as_ref();
    let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    parent
        .and_then(|()| std::fs::write(path, made))
        .map_err(|error| Problem::File {
            doing: "writing",
            path: path.to_owned(),
            error,
        })?;
    Ok(())
}

/// JSON for people, with a line end. What is serialized here has no keys that are no texts, and no
/// numbers that JSON does not know: it cannot fail.
fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// YAML, for which the same holds.
fn yaml(head: &str, value: &impl serde::Serialize) -> String {
    format!(
        "{head}{}",
        serde_saphyr::to_string(value).unwrap_or_default()
    )
}
