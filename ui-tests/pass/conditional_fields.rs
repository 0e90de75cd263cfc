//! Fields, options and derives behind conditions.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

/// A car.
#[derive(MetricCollector)]
#[cfg_attr(all(), metric(prefix = "vehicle"))]
pub struct Car {
    /// There.
    #[cfg(all())]
    #[metric]
    pub there: u64,
    /// Not there.
    #[cfg(any())]
    #[metric]
    pub not_there: NoSuchType,
    /// With options behind a condition.
    #[cfg_attr(all(), metric(counter, unit = "m"))]
    #[cfg_attr(any(), metric(nonsense))]
    pub conditional: u64,
}

/// What it does.
#[cfg_attr(all(), derive(MetricState))]
pub enum State {
    /// There.
    #[cfg(all())]
    There,
    /// Not there.
    #[cfg(any())]
    NotThere,
    /// Here.
    Here,
}

fn main() {
    assert_eq!(Car::SCHEMA.len(), 2);
    assert_eq!(State::STATES, ["there", "here"]);
    let _ = (State::There, State::Here);
}
