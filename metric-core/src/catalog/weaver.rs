//! The catalogue as a registry of semantic conventions, for OpenTelemetry's Weaver.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Catalog, CatalogMetric, Instrument};
use crate::schema::STATE;

/// Everything is as stable as its schema, which nobody has said.
const STABILITY: &str = "development";

#[derive(Serialize)]
struct Registry<'a> {
    groups: Vec<Group<'a>>,
}

#[derive(Default, Serialize)]
struct Group<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_name: Option<&'a str>,
    brief: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    stability: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instrument: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Attribute<'a> {
    Defined {
        id: &'a str,
        #[serde(rename = "type")]
        kind: &'static str,
        stability: &'static str,
        brief: &'a str,
        examples: Vec<String>,
    },
    Used {
        #[serde(rename = "ref")]
        id: &'a str,
        requirement_level: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        examples: Vec<String>,
    },
}

pub(super) fn render(catalog: &Catalog) -> String {
    let mut groups = Vec::new();
    let defined = defined(catalog);
    if !defined.is_empty() {
        groups.push(Group {
            id: format!("registry.{}", id(catalog.name())),
            kind: "attribute_group",
            brief: "Attributes of the metrics.",
            stability: STABILITY,
            attributes: defined,
            ..Group::default()
        });
    }
    groups.extend(catalog.metrics().map(metric));
    let head = format!(
        "# Semantic conventions of {}, made from its schema.\n",
        catalog.name()
    );
    super::yaml(&head, &Registry { groups })
}

/// The attributes of all metrics, each once.
fn defined(catalog: &Catalog) -> Vec<Attribute<'_>> {
    let mut all: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    for attribute in catalog.metrics().flat_map(CatalogMetric::attributes) {
        let (brief, examples) = all.entry(attribute.key()).or_default();
        if brief.is_empty() {
            *brief = attribute.description();
        }
        for example in attribute.examples() {
            if !examples.contains(example) && examples.len() < 5 {
                examples.push(example.clone());
            }
        }
    }
    all.into_iter()
        .map(|(id, (brief, examples))| Attribute::Defined {
            id,
            kind: "string",
            stability: STABILITY,
            brief: if brief.is_empty() { id } else { brief },
            // Weaver wants some for each text.
            examples: match examples.is_empty() {
                true => vec![format!("<{id}>")],
                false => examples,
            },
        })
        .collect()
}

fn metric(metric: &CatalogMetric) -> Group<'_> {
    let states = metric.states();
    Group {
        id: format!("metric.{}", id(metric.name())),
        kind: "metric",
        metric_name: Some(metric.name()),
        brief: match metric.description() {
            "" => metric.name(),
            description => description,
        },
        note: (!states.is_empty()).then(|| {
            format!(
                "A point for each state ({}): 1 for the present one, 0 for the others.",
                states.join(", ")
            )
        }),
        stability: STABILITY,
        instrument: Some(match metric.instrument() {
            Instrument::Gauge => "gauge",
            Instrument::Counter => "counter",
            Instrument::UpDownCounter => "updowncounter",
            Instrument::Histogram => "histogram",
        }),
        // Weaver wants one; this is UCUM's for a number without.
        unit: Some(match metric.unit() {
            "" => "1",
            unit => unit,
        }),
        attributes: metric
            .attributes()
            .iter()
            .map(|attribute| Attribute::Used {
                id: attribute.key(),
                requirement_level: "recommended",
                examples: match attribute.key() {
                    STATE => states.to_vec(),
                    _ => Vec::new(),
                },
            })
            .collect(),
    }
}

/// A text as an id: letters, digits, dots and `_`.
fn id(text: &str) -> String {
    let allowed = |character: char| match character {
        'a'..='z' | '0'..='9' | '.' | '_' => character,
        'A'..='Z' => character.to_ascii_lowercase(),
        _ => '_',
    };
    text.chars().map(allowed).collect()
}
