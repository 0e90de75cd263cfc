//! What a schema consists of beside its metrics: groups and attributes.

use super::Schema;
use crate::AttributeValue;

/// A field that is itself a collector, or many of them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Group {
    pub(super) field: &'static str,
    pub(super) line: u32,
    pub(super) prefix: &'static str,
    pub(super) key: Option<&'static str>,
    pub(super) schema: &'static Schema,
}

/// An attribute that all metrics of a group carry.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AttributeSchema {
    pub(super) key: &'static str,
    pub(super) value: Option<AttributeValue<'static>>,
}

impl Group {
    /// The group of the field `field`, at `line` of the surrounding schema's file.
    pub const fn new(field: &'static str, line: u32, schema: &'static Schema) -> Self {
        Group {
            field,
            line,
            prefix: "",
            key: None,
            schema,
        }
    }

    /// With a text in front of all its names, separator included.
    #[must_use]
    pub const fn with_prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// With the attribute that tells many collectors apart.
    #[must_use]
    pub const fn with_key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// The field.
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// The field's line in the surrounding schema's file.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// What stands in front of the names, separator included.
    pub const fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The attribute that tells many collectors apart; `None` if there is only one.
    pub const fn key(&self) -> Option<&'static str> {
        self.key
    }

    /// The flattened collector's schema.
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }
}

impl AttributeSchema {
    /// An attribute whose value comes from the data.
    pub const fn new(key: &'static str) -> Self {
        AttributeSchema { key, value: None }
    }

    /// An attribute with a constant value.
    pub const fn constant(key: &'static str, value: AttributeValue<'static>) -> Self {
        AttributeSchema {
            key,
            value: Some(value),
        }
    }

    /// The key.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The value if it is constant.
    pub const fn value(&self) -> Option<AttributeValue<'static>> {
        self.value
    }
}
