//! All that is exported, as a catalogue; and what is made of it: documentation, dashboards, alerts.

mod alerts;
mod dashboards;
mod own;

use metric_core::catalog::{Catalog, CatalogAttribute, Naming, Source};

use metric_core::{Entry, MetricCollector};

use crate::instrumentor::VehicleReport;
use crate::model::EvMetrics;

pub use dashboards::{ABOUT_CARS, dashboards, short};

/// Where metrics are asked for, which decides how they are called there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Backend {
    /// GreptimeDB, by its `GREPTIME_…` variables: names without suffixes.
    #[default]
    GreptimeDb,
    /// Prometheus, where it scrapes the observer: the cars' names without suffixes, the observer's own with.
    Prometheus,
    /// VictoriaMetrics over OTLP: names as they are sent.
    VictoriaMetrics,
    /// Whatever adds suffixes to all names: Prometheus and GreptimeDB over OTLP with their defaults.
    Suffixes,
    /// VictoriaMetrics over OTLP with `-opentelemetry.usePrometheusNaming`, whose suffixes are its own.
    VictoriaMetricsSuffixes,
}

impl Backend {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::GreptimeDb,
        Self::Prometheus,
        Self::VictoriaMetrics,
        Self::Suffixes,
        Self::VictoriaMetricsSuffixes,
    ];

    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GreptimeDb => "greptimedb",
            Self::Prometheus => "prometheus",
            Self::VictoriaMetrics => "victoriametrics",
            Self::Suffixes => "suffixes",
            Self::VictoriaMetricsSuffixes => "victoriametrics-suffixes",
        }
    }

    /// The backend of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// How it names the metrics of cars, and those of the observer itself.
    const fn naming(self) -> (Naming, Naming) {
        match self {
            Self::GreptimeDb => (Naming::WithoutSuffixes, Naming::WithoutSuffixes),
            Self::Prometheus => (Naming::WithoutSuffixes, Naming::WithSuffixes),
            Self::VictoriaMetrics => (Naming::AsSent, Naming::AsSent),
            Self::Suffixes => (Naming::WithSuffixes, Naming::WithSuffixes),
            Self::VictoriaMetricsSuffixes => {
                (Naming::WithUnescapedSuffixes, Naming::WithUnescapedSuffixes)
            }
        }
    }
}

/// What tells vehicles apart.
pub(crate) const VEHICLE: [&str; 2] = ["vehicle_id", "vin"];

/// The wheels as the metrics' names have them, and in words.
const WHEELS: [(&str, &str); 4] = [
    ("fl", "front left"),
    ("fr", "front right"),
    ("rl", "rear left"),
    ("rr", "rear right"),
];

/// The metrics that a vehicle can have.
pub(crate) fn of_vehicles() -> impl Iterator<Item = Entry> {
    VehicleReport::<EvMetrics>::SCHEMA.entries()
}

/// The catalogue of all that is exported: the vehicles' metrics, and the observer's own.
pub fn catalog(backend: Backend) -> Catalog {
    let (cars, own) = backend.naming();
    let [vehicle_id, vin] = VEHICLE;
    let vehicles = Source::new(VehicleReport::<EvMetrics>::SCHEMA)
        .with_title("Vehicle")
        .with_attribute(
            CatalogAttribute::new(vehicle_id)
                .with_description("The car's name, or its VIN if it has none.")
                .with_example("Ju"),
        )
        .with_attribute(
            CatalogAttribute::new(vin)
                .with_description("The vehicle identification number.")
                .with_example("LRW3E7EK6NC900001"),
        )
        .with_naming(cars);
    let catalog = Catalog::new("tesla-observer").with_source(vehicles);
    let catalog = own::sources()
        .into_iter()
        .map(|source| source.with_naming(own))
        .fold(catalog, Catalog::with_source);
    alerts::alerts()
        .into_iter()
        .fold(catalog, Catalog::with_alert)
}

#[cfg(test)]
mod tests;
