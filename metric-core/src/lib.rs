#![doc = include_str!("../docs/crate.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The derive's code names this crate by its name, also in this crate's own tests.
#[allow(unused_extern_crates)]
extern crate self as metric_core;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod attribute;
#[cfg(feature = "catalog")]
#[cfg_attr(docsrs, doc(cfg(feature = "catalog")))]
pub mod catalog;
mod collector;
mod family;
pub mod guide;
mod number;
mod panics;
mod schema;
pub mod testing;
mod value;

pub use attribute::{Attribute, AttributeValue, MetricAttribute};
pub use collector::{KeyedCollectors, MetricCollector, Observer};
pub use family::{DropReason, Dropped, Family, Latest, Member, RegisterError};
#[cfg(feature = "derive")]
pub use metric_derive::{MetricCollector, MetricState};
pub use number::Number;
/// The OpenTelemetry API that this crate is built on, so that versions cannot part.
pub use opentelemetry;
pub use schema::{AttributeSchema, Entry, Group, Kind, Metric, Name, Schema};
pub use value::{
    CounterValue, Measurement, MetricState, MetricValue, NumberType, Shape, UpDownCounterValue,
};
