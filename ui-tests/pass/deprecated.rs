//! Deprecated structs, fields, variants and functions: what is generated does not warn.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// All of it.
#[deprecated]
#[derive(MetricCollector)]
pub struct Old {
    /// A field.
    #[metric]
    pub value: u64,
}

/// A part of it.
#[derive(MetricCollector)]
pub struct Partly {
    /// A field.
    #[deprecated(note = "use `new`")]
    #[metric]
    pub old: u64,
    /// A field.
    #[deprecated]
    #[metric(attribute)]
    pub attribute: u64,
    /// A field.
    #[metric]
    pub new: u64,
}

/// Its states.
#[derive(MetricState)]
pub enum State {
    /// One.
    #[deprecated]
    Old,
    /// Another.
    New,
}

/// All of them.
#[deprecated]
#[derive(MetricState)]
pub enum OldState {
    /// One.
    One,
}

fn main() {}
