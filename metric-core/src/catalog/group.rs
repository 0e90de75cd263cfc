//! Where a catalogue's metrics come from, and how they are grouped.

use serde::Serialize;

use super::{CatalogAttribute, CatalogMetric, Naming};
use crate::Schema;

/// A schema, and what it does not know of itself: the attributes that the members of its family have.
#[derive(Clone, Debug)]
pub struct Source {
    schema: Option<&'static Schema>,
    title: Option<String>,
    attributes: Vec<CatalogAttribute>,
    metrics: Vec<CatalogMetric>,
    naming: Option<Naming>,
}

/// Metrics that belong together: those of one struct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatalogGroup {
    title: String,
    attributes: Vec<CatalogAttribute>,
    metrics: Vec<CatalogMetric>,
}

impl Source {
    /// The metrics of a schema.
    pub fn new(schema: &'static Schema) -> Self {
        Self {
            schema: Some(schema),
            title: None,
            attributes: Vec::new(),
            metrics: Vec::new(),
            naming: None,
        }
    }

    /// Metrics without a schema: of synchronous instruments.
    pub fn of(title: impl Into<String>, metrics: impl IntoIterator<Item = CatalogMetric>) -> Self {
        Self {
            schema: None,
            title: Some(title.into()),
            attributes: Vec::new(),
            metrics: metrics.into_iter().collect(),
            naming: None,
        }
    }

    /// With another title for the schema's own metrics than its type's name.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// With an attribute that all its metrics have.
    #[must_use]
    pub fn with_attribute(mut self, attribute: impl Into<CatalogAttribute>) -> Self {
        self.attributes.push(attribute.into());
        self
    }

    /// With a naming that is not the catalogue's.
    #[must_use]
    pub fn with_naming(mut self, naming: Naming) -> Self {
        self.naming = Some(naming);
        self
    }

    pub(super) fn naming(&self) -> Option<Naming> {
        self.naming
    }

    pub(super) fn into_groups(self) -> Vec<CatalogGroup> {
        let Self {
            schema,
            title,
            attributes,
            metrics,
            ..
        } = self;
        let group = |title, metrics: Vec<CatalogMetric>| CatalogGroup {
            title,
            attributes: attributes.clone(),
            metrics: metrics
                .into_iter()
                .map(|metric| metric.after(&attributes))
                .collect(),
        };
        let Some(schema) = schema else {
            return vec![group(title.unwrap_or_default(), metrics)];
        };
        let mut titles = Vec::new();
        let own = title.unwrap_or_else(|| words(type_name(schema.type_name())));
        collect(schema, &own, "", &mut titles);
        let mut entries = schema.entries();
        titles
            .into_iter()
            .map(|(title, count)| {
                let metrics = entries.by_ref().take(count);
                group(
                    title,
                    metrics.map(|entry| CatalogMetric::of(&entry)).collect(),
                )
            })
            .collect()
    }
}

impl CatalogGroup {
    /// The title, from the struct's or the field's name: `Charge state`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The attributes that all its metrics have by their source; each metric has them, too.
    pub fn attributes(&self) -> &[CatalogAttribute] {
        &self.attributes
    }

    /// The metrics.
    pub fn metrics(&self) -> &[CatalogMetric] {
        &self.metrics
    }
}

/// The titles of the schema's structs that have metrics of their own, and how many, in the order of
/// [`Schema::entries`].
fn collect(schema: &Schema, title: &str, path: &str, titles: &mut Vec<(String, usize)>) {
    if !schema.metrics().is_empty() {
        titles.push((title.to_owned(), schema.metrics().len()));
    }
    for group in schema.groups() {
        let below = match path {
            "" => words(group.field()),
            path => format!("{path}, {}", words(group.field()).to_lowercase()),
        };
        // A struct that only holds others says nothing by its name.
        let path = match group.schema().metrics().is_empty() {
            true => path,
            false => below.as_str(),
        };
        collect(group.schema(), &below, path, titles);
    }
}

/// `a::b::ChargeState<T>` is `ChargeState`.
fn type_name(full: &str) -> &str {
    let plain = full.split('<').next().unwrap_or(full);
    plain.rsplit("::").next().unwrap_or(plain).trim()
}

/// `ChargeState` and `charge_state` are `Charge state`.
pub(super) fn words(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    let mut words = String::new();
    let mut before = '_';
    for character in name.chars() {
        let starts = character.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (starts || matches!(character, '_' | '.' | '-' | '/')) && !words.ends_with(' ') {
            words.push(' ');
        }
        match character {
            '_' | '.' | '-' | '/' => {}
            _ if words.is_empty() => words.extend(character.to_uppercase()),
            _ => words.extend(character.to_lowercase()),
        }
        before = character;
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_the_names_in_words() {
        for (name, expected) in [
            ("ChargeState", "Charge state"),
            ("charge_state", "Charge state"),
            ("r#type", "Type"),
            ("http.client", "Http client"),
            ("x", "X"),
        ] {
            assert_eq!(words(name), expected);
        }
        assert_eq!(
            type_name("VehicleReport<crate::EvMetrics>"),
            "VehicleReport"
        );
    }
}
