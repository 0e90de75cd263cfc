//! Raw identifiers lose their `r#` in names.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// A type named by a keyword.
#[derive(MetricCollector)]
pub struct r#Self_ {
    /// A field named by a keyword.
    #[metric]
    pub r#type: u64,
    /// An attribute.
    #[metric(attribute)]
    pub r#where: &'static str,
    /// A state.
    #[metric]
    pub r#match: r#Enum,
    /// A function.
    #[metric(with = r#mod::r#fn)]
    pub r#in: u64,
}

/// An enum and variants.
#[allow(non_camel_case_types)]
#[derive(MetricState)]
pub enum r#Enum {
    /// A keyword.
    r#async,
    /// None.
    No,
}

mod r#mod {
    pub(crate) fn r#fn(value: &u64) -> u64 {
        *value
    }
}

/// A struct all of whose name is a keyword.
#[allow(non_camel_case_types)]
#[derive(MetricCollector)]
pub struct r#loop {
    /// A field.
    #[metric]
    pub r#for: u64,
}

fn main() {
    let names: Vec<_> = r#Self_::SCHEMA
        .entries()
        .map(|entry| entry.name.to_string())
        .collect();
    assert_eq!(names, ["self_.type", "self_.match", "self_.in"]);
    assert_eq!(r#loop::SCHEMA.entries().next().unwrap().name, "loop.for");
    assert_eq!(r#Enum::STATES, ["async", "no"]);
    let _ = r#Enum::No;
}
