//! Names that collide once a backend has translated them.

use std::collections::BTreeMap;

use super::names::SERIES;
use super::naming::escaped;
use super::{Catalog, CatalogError, CatalogMetric, Instrument, Naming, Problem};

pub(super) fn check(catalog: &Catalog) -> Result<(), CatalogError> {
    let mut problems = Vec::new();
    let mut told: Vec<[&CatalogMetric; 2]> = Vec::new();
    // In whatever way it is exported today: it can come to another backend tomorrow.
    for naming in Naming::ALL {
        let mut taken: BTreeMap<String, &CatalogMetric> = BTreeMap::new();
        for metric in catalog.metrics() {
            for name in names(metric, naming) {
                let Some(other) = taken.insert(name.to_lowercase(), metric) else {
                    continue;
                };
                let seen = |pair: &[&CatalogMetric; 2]| {
                    std::ptr::eq(pair[0], other) && std::ptr::eq(pair[1], metric)
                };
                if !told.iter().any(seen) {
                    told.push([other, metric]);
                    problems.push(Problem::NamesCollide {
                        metrics: [other.name().to_owned(), metric.name().to_owned()],
                        translated: name,
                        naming,
                    });
                }
            }
        }
    }
    for metric in catalog.metrics() {
        attributes(metric, &mut problems);
    }
    CatalogError::unless_empty(problems)
}

/// All names under which the metric's series are kept.
fn names(metric: &CatalogMetric, naming: Naming) -> Vec<String> {
    let name = naming.metric(metric);
    match metric.instrument() {
        Instrument::Histogram => {
            let series = SERIES.iter().map(|suffix| format!("{name}{suffix}"));
            series.chain([name.clone()]).collect()
        }
        _ => vec![name],
    }
}

fn attributes(metric: &CatalogMetric, problems: &mut Vec<Problem>) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for attribute in metric.attributes() {
        let translated = escaped(attribute.key());
        if let Some(other) = taken.insert(translated.clone(), attribute.key()) {
            problems.push(Problem::AttributesCollide {
                metric: metric.name().to_owned(),
                attributes: [other.to_owned(), attribute.key().to_owned()],
                translated,
            });
        }
    }
}
