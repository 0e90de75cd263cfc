//! Other derives and attributes beside it, in any order.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// A car.
#[derive(Clone, Debug, Default, MetricCollector, PartialEq)]
#[repr(C)]
#[metric(prefix = "vehicle")]
#[must_use]
pub struct Car {
    #[metric]
    #[allow(missing_docs)]
    pub speed: f64,
    #[allow(missing_docs)]
    pub state: State,
}

/// What it does.
#[repr(u8)]
#[derive(Debug, Clone, Default, MetricState, PartialEq)]
#[metric(crate = "metric_core")]
#[non_exhaustive]
pub enum State {
    /// Nothing.
    #[default]
    Idle = 3,
}

fn main() {}
