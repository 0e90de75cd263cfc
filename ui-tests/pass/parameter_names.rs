//! Parameters, fields and constants with the names that generated code could use.

#![deny(warnings, missing_docs)]
#![allow(non_camel_case_types)]

use metric_core::MetricCollector;

/// All the names.
#[derive(MetricCollector)]
pub struct O<T, R, F, A, C, V, M, observer> {
    /// A field.
    #[metric]
    pub observer: T,
    /// A field.
    #[metric]
    pub index: R,
    /// A field.
    #[metric]
    pub key: F,
    /// A field.
    #[metric(attribute)]
    pub value: A,
    /// A field.
    #[metric(flatten)]
    pub collector: C,
    /// A field.
    #[metric(counter)]
    pub schema: V,
    /// A field.
    #[metric(flatten(prefix = "m", key = "key"))]
    pub offset: M,
    /// A field.
    pub state: observer,
}

fn main() {}
