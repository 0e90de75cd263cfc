//! What a query can name.

use std::collections::{BTreeMap, BTreeSet};

use super::naming::escaped;
use super::{CatalogMetric, Instrument, Naming};

/// The series of a histogram.
pub(super) const SERIES: [&str; 3] = ["_bucket", "_count", "_sum"];

/// All metrics that a query can name, with the naming that each has.
pub(super) struct Names<'a> {
    names: BTreeMap<String, Named<'a>>,
}

/// A metric, and how the backend names it.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) metric: &'a CatalogMetric,
    pub(super) naming: Naming,
    /// Of a histogram, which of its series.
    pub(super) suffix: &'static str,
}

impl<'a> Names<'a> {
    /// A query names them as OpenTelemetry does, or with `_` in place of what PromQL cannot spell.
    pub(super) fn new(metrics: impl Iterator<Item = (&'a CatalogMetric, Naming)>) -> Self {
        let mut names = BTreeMap::new();
        for (metric, naming) in metrics {
            let suffixes: &[&'static str] = match metric.instrument() {
                Instrument::Histogram => &SERIES,
                _ => &[""],
            };
            for suffix in suffixes {
                let named = Named {
                    metric,
                    naming,
                    suffix,
                };
                names.insert(format!("{}{suffix}", metric.name()), named);
                names.insert(format!("{}{suffix}", escaped(metric.name())), named);
            }
        }
        Self { names }
    }

    /// What has that name.
    pub(super) fn get(&self, name: &str) -> Option<Named<'a>> {
        self.names.get(name).copied()
    }

    /// How a metric that has the attribute is named.
    pub(super) fn naming_with(&self, key: &str) -> Option<Naming> {
        let mut named = self.names.values();
        let with_it = named.find(|named| named.metric.attribute(key).is_some());
        with_it.map(|named| named.naming)
    }

    /// The keys of all attributes, sorted.
    pub(super) fn attributes(&self) -> Vec<&'a str> {
        let metrics = self.names.values().map(|named| named.metric);
        let keys = metrics.flat_map(|metric| metric.attributes());
        let keys: BTreeSet<&str> = keys.map(|attribute| attribute.key()).collect();
        keys.into_iter().collect()
    }

    /// The name that may have been meant.
    pub(super) fn similar(&self, name: &str) -> Option<String> {
        let near = self
            .names
            .keys()
            .map(|known| (strsim::osa_distance(known, name), known));
        let (distance, known) = near.min()?;
        (distance <= 2.max(name.len() / 4)).then(|| known.clone())
    }
}
