//! Enums in every wrapper, as metrics, attributes and keys.

#![deny(warnings, missing_docs)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use metric_core::{MetricCollector, MetricState};

/// What the charger does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, MetricState)]
pub enum Charging {
    /// Nothing.
    Disconnected,
    /// The current flows.
    #[metric(name = "DC fast")]
    Fast,
    /// With a value.
    Slow = 7,
}

/// All ways to hold them.
#[derive(MetricCollector)]
pub struct Car<'a> {
    /// As it is.
    #[metric]
    pub a: Charging,
    /// An option.
    #[metric(gauge, description = "Text.")]
    pub b: Option<Charging>,
    /// A box.
    #[metric(unit = "{state}")]
    pub c: Box<Charging>,
    /// An arc.
    #[metric]
    pub d: Option<Arc<Charging>>,
    /// A reference.
    #[metric]
    pub e: &'a Charging,
    /// From a function.
    #[metric(with = charging)]
    pub f: u8,
    /// A cow.
    #[metric]
    pub g: Cow<'a, Charging>,
    /// An attribute.
    #[metric(info)]
    pub h: Option<Charging>,
}

/// Keys of a map.
#[derive(MetricCollector)]
pub struct ByState {
    /// One for each.
    #[metric(flatten(key = "charging"))]
    pub map: BTreeMap<Charging, Part>,
    /// An attribute.
    #[metric(attribute)]
    pub before: Charging,
}

/// A part.
#[derive(MetricCollector)]
pub struct Part {
    /// A value.
    #[metric]
    pub value: f64,
}

fn charging(value: &u8) -> Option<Charging> {
    (*value > 0).then_some(Charging::Fast)
}

fn main() {
    assert_eq!(Charging::STATES, ["disconnected", "DC fast", "slow"]);
    assert_eq!(Charging::Slow.state_index(), 2);
    let _ = Charging::Disconnected;
}
