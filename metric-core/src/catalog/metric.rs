//! One metric of a catalogue.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::schema::Entry;
use crate::{Kind, Shape};

/// The instrument that reports a metric, with the names of OpenTelemetry's semantic conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Instrument {
    /// A value as it is now.
    Gauge,
    /// A cumulative sum that only grows.
    Counter,
    /// A sum that grows and falls.
    UpDownCounter,
    /// A distribution. The derive has none; those of other instruments can be added to a catalogue.
    Histogram,
}

impl Instrument {
    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::UpDownCounter => "up-down counter",
            Self::Histogram => "histogram",
        }
    }
}

/// What the values of a metric are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Values {
    /// Numbers.
    #[default]
    Number,
    /// 1 and 0.
    Truth,
    /// A point for each of these states, the attribute `state`: 1 for the present one, 0 for the others.
    States(Vec<String>),
    /// Always 1: what it says is in its attributes.
    Info,
}

/// An attribute of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatalogAttribute {
    key: String,
    description: String,
    examples: Vec<String>,
}

impl CatalogAttribute {
    /// The attribute `key`.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            description: String::new(),
            examples: Vec::new(),
        }
    }

    /// With what it means.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With one more of the values that it can have.
    #[must_use]
    pub fn with_example(mut self, example: impl Into<String>) -> Self {
        self.examples.push(example.into());
        self
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it means; empty if nobody said.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Some of its values.
    pub fn examples(&self) -> &[String] {
        &self.examples
    }
}

impl From<&str> for CatalogAttribute {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

/// One metric of a [`Catalog`](super::Catalog).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatalogMetric {
    name: String,
    #[serde(rename = "kind")]
    instrument: Instrument,
    unit: String,
    description: String,
    attributes: Vec<CatalogAttribute>,
    values: Values,
}

impl CatalogMetric {
    /// A metric that is in no schema: of a synchronous instrument, say.
    pub fn new(name: impl Into<String>, instrument: Instrument) -> Self {
        Self {
            name: name.into(),
            instrument,
            unit: String::new(),
            description: String::new(),
            attributes: Vec::new(),
            values: Values::Number,
        }
    }

    /// The metric of a schema.
    pub(super) fn of(entry: &Entry) -> Self {
        let metric = entry.metric;
        let values = match metric.shape() {
            Shape::States(states) => {
                Values::States(states.iter().map(|state| (*state).to_owned()).collect())
            }
            Shape::Bool => Values::Truth,
            _ if !metric.info_keys().is_empty() => Values::Info,
            _ => Values::Number,
        };
        let attribute = |attribute: &crate::AttributeSchema| {
            let made = CatalogAttribute::new(attribute.key());
            match (attribute.value(), &values) {
                (Some(value), _) => made.with_example(value.to_value().as_str()),
                (None, Values::States(states)) if attribute.key() == crate::schema::STATE => {
                    CatalogAttribute {
                        examples: states.clone(),
                        ..made.with_description("The state that the point is about.")
                    }
                }
                _ => made,
            }
        };
        Self {
            name: entry.name.as_str().to_owned(),
            instrument: match metric.kind() {
                Kind::Gauge => Instrument::Gauge,
                Kind::Counter => Instrument::Counter,
                Kind::UpDownCounter => Instrument::UpDownCounter,
            },
            unit: metric.unit().to_owned(),
            description: metric.description().to_owned(),
            attributes: entry.attributes.iter().map(attribute).collect(),
            values,
        }
    }

    /// With a unit (UCUM).
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// With a description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With one more attribute, if it has none of that key.
    #[must_use]
    pub fn with_attribute(mut self, attribute: impl Into<CatalogAttribute>) -> Self {
        let attribute = attribute.into();
        if self.attribute(&attribute.key).is_none() {
            self.attributes.push(attribute);
        }
        self
    }

    /// With attributes before its own.
    pub(super) fn after(mut self, attributes: &[CatalogAttribute]) -> Self {
        let keys: BTreeSet<&str> = attributes.iter().map(CatalogAttribute::key).collect();
        self.attributes
            .retain(|own| !keys.contains(own.key.as_str()));
        self.attributes = attributes.iter().cloned().chain(self.attributes).collect();
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instrument.
    pub fn instrument(&self) -> Instrument {
        self.instrument
    }

    /// The unit (UCUM); empty for none.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// The description.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The attributes.
    pub fn attributes(&self) -> &[CatalogAttribute] {
        &self.attributes
    }

    /// The attribute of that key.
    pub(super) fn attribute(&self, key: &str) -> Option<&CatalogAttribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
    }

    /// What its values are.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The states that it has a point for each of; of any other metric, empty.
    pub fn states(&self) -> &[String] {
        match &self.values {
            Values::States(states) => states,
            _ => &[],
        }
    }
}
