//! The command that prints the catalogue.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command as Clap};

use super::{format, text};
use crate::catalog::{Backend, dashboards, short};

/// What is made of the catalogue, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// What is made.
    pub format: MetricsFormat,
    /// How metrics are called in queries.
    pub backend: Backend,
    /// Only this dashboard.
    pub dashboard: Option<String>,
    /// All dashboards and the rules, into this directory.
    pub output: Option<PathBuf>,
}

/// What the catalogue is made into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MetricsFormat {
    /// A table for people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For documents.
    Markdown,
    /// Semantic conventions.
    Weaver,
    /// A dashboard.
    Grafana,
    /// Rules for Prometheus and vmalert.
    Rules,
}

const FORMATS: [(&str, MetricsFormat); 6] = [
    ("table", MetricsFormat::Table),
    ("json", MetricsFormat::Json),
    ("markdown", MetricsFormat::Markdown),
    ("weaver", MetricsFormat::Weaver),
    ("grafana", MetricsFormat::Grafana),
    ("rules", MetricsFormat::Rules),
];

pub(super) const EXAMPLES: &str = "Examples:
  tesla-observer metrics --format json
  tesla-observer metrics --format grafana --dashboard battery > battery.json
  tesla-observer metrics --format rules --backend prometheus > rules.yml
  tesla-observer metrics --backend suffixes --output dashboards/

Backends name metrics differently, so queries are made for one:
  greptimedb       GreptimeDB by GREPTIME_HOST: no suffixes
  prometheus       Prometheus that scrapes the observer
  victoriametrics  VictoriaMetrics over OTLP: names as they are sent
  suffixes         whatever adds units and _total: Prometheus over OTLP
  victoriametrics-suffixes
                   VictoriaMetrics with -opentelemetry.usePrometheusNaming";

/// `metrics`.
pub(super) fn metrics() -> Clap {
    let backends = Backend::ALL.map(Backend::as_str);
    Clap::new("metrics")
        .about("Print the catalogue of all metrics that are exported, as a document, dashboards or alerts")
        .after_help(EXAMPLES)
        .arg(format(FORMATS.map(|(name, _)| name)))
        .arg(
            Arg::new("backend")
                .long("backend")
                .value_name("BACKEND")
                .default_value(Backend::default().as_str())
                .value_parser(PossibleValuesParser::new(backends))
                .help("For which backend's names dashboards and rules are made"),
        )
        .arg(
            Arg::new("dashboard")
                .long("dashboard")
                .value_name("NAME")
                .help(format!(
                    "Of Grafana's dashboards, this one: {}; without it, one of all metrics",
                    dashboards().each_ref().map(|own| short(own.uid())).join(", ")
                )),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("DIRECTORY")
                .conflicts_with_all(["dashboard", "format"])
                .value_parser(clap::value_parser!(PathBuf))
                .help("Write all dashboards and rules.yml into this directory"),
        )
}

pub(super) fn metrics_of(given: &ArgMatches) -> Metrics {
    let format = text(given, "format").unwrap_or_default();
    let format = FORMATS.into_iter().find(|(name, _)| *name == format);
    Metrics {
        format: format.map_or_else(MetricsFormat::default, |(_, format)| format),
        backend: text(given, "backend")
            .and_then(|name| Backend::named(&name))
            .unwrap_or_default(),
        dashboard: text(given, "dashboard"),
        output: given.get_one::<PathBuf>("output").cloned(),
    }
}
