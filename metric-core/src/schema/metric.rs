//! One metric of a schema.

use crate::{NumberType, Shape};

/// One observed field: a name, a kind, a number type, a unit, a description.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Metric {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) shape: Shape,
    pub(super) unit: &'static str,
    pub(super) description: &'static str,
    pub(super) field: &'static str,
    pub(super) line: u32,
    pub(super) info: &'static [&'static str],
}

/// The kind of a metric: which of OpenTelemetry's observable instruments reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Kind {
    /// A value as it is now.
    Gauge,
    /// A cumulative sum that only grows.
    Counter,
    /// A sum that grows and falls.
    UpDownCounter,
}

impl Metric {
    /// A gauge: a value as it is now.
    pub const fn gauge(name: &'static str, shape: Shape) -> Self {
        Metric {
            name,
            kind: Kind::Gauge,
            shape,
            unit: "",
            description: "",
            field: "",
            line: 0,
            info: &[],
        }
    }

    /// A counter: cumulative and monotonic.
    pub const fn counter(name: &'static str, shape: Shape) -> Self {
        let mut metric = Metric::gauge(name, shape);
        metric.kind = Kind::Counter;
        metric
    }

    /// An up-down counter: a sum that grows and falls.
    pub const fn up_down_counter(name: &'static str, shape: Shape) -> Self {
        let mut metric = Metric::gauge(name, shape);
        metric.kind = Kind::UpDownCounter;
        metric
    }

    /// An information metric: the value 1 with the attributes `keys`.
    pub const fn info(name: &'static str, keys: &'static [&'static str]) -> Self {
        let mut metric = Metric::gauge(name, Shape::U64);
        metric.info = keys;
        metric
    }

    /// With a unit (UCUM, at most 63 ASCII characters).
    #[must_use]
    pub const fn with_unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// With a description.
    #[must_use]
    pub const fn with_description(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// With the field that it observes and the line in the schema's [`file`](crate::Schema::file).
    #[must_use]
    pub const fn with_field(mut self, field: &'static str, line: u32) -> Self {
        self.field = field;
        self.line = line;
        self
    }

    /// The name, without the prefixes of the groups around it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What the values look like.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The number type of the instrument.
    pub const fn number_type(&self) -> NumberType {
        match (self.kind, self.shape.number_type()) {
            // OpenTelemetry has no unsigned up-down counter.
            (Kind::UpDownCounter, NumberType::U64) => NumberType::I64,
            (_, number_type) => number_type,
        }
    }

    /// The unit, `""` if there is none.
    pub const fn unit(&self) -> &'static str {
        self.unit
    }

    /// The description, `""` if there is none.
    pub const fn description(&self) -> &'static str {
        self.description
    }

    /// The field that is observed, `""` if it is not known.
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The field's line in the schema's [`file`](crate::Schema::file), 0 if it is not known.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The attributes of an information metric; of any other metric, empty.
    pub const fn info_keys(&self) -> &'static [&'static str] {
        self.info
    }

    /// The keys of the attributes that only this metric has.
    pub(crate) const fn own_attribute_keys(&self) -> &'static [&'static str] {
        match self.shape {
            Shape::States(_) => &[STATE],
            _ => self.info,
        }
    }
}

/// The attribute that tells the states of a state metric apart.
pub(crate) const STATE: &str = "state";
