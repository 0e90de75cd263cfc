//! What there is among the observer's own metrics, for the catalogue.

use metric_core::{MetricCollector, Schema};

use super::metrics::{
    Asked, Budget, Cycles, Delivered, Dropped, Durable, Failed, Kept, Outdated, Process, Token,
    UnreadFields, Unseen, Vehicles, Waiting,
};

/// A histogram among the observer's own metrics. The framework has none; it is for state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnHistogram {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it measures.
    pub description: &'static str,
    /// The keys of its attributes.
    pub attributes: &'static [&'static str],
}

pub(super) const REQUEST_DURATION: OwnHistogram = OwnHistogram {
    name: "http.client.request.duration",
    unit: "s",
    description: "Duration of HTTP client requests.",
    attributes: &[
        "http.request.method",
        "url.template",
        "server.address",
        "server.port",
        "http.response.status_code",
        "error.type",
    ],
};

pub(super) const CYCLE_DURATION: OwnHistogram = OwnHistogram {
    name: "observer.cycle.duration",
    unit: "s",
    description: "Duration of a cycle of observing a vehicle.",
    attributes: &["outcome"],
};

/// The schemas of the observer's own metrics, each with the keys of its attributes.
pub fn own_schemas() -> [(&'static Schema, &'static [&'static str]); 15] {
    [
        (Cycles::SCHEMA, &["outcome"]),
        (UnreadFields::SCHEMA, &["reason"]),
        (Outdated::SCHEMA, &[]),
        (Unseen::SCHEMA, &["event"]),
        (Vehicles::SCHEMA, &["availability"]),
        (Token::SCHEMA, &[]),
        (Asked::SCHEMA, &["class"]),
        (Budget::SCHEMA, &[]),
        (Delivered::SCHEMA, &["destination", "signal"]),
        (Failed::SCHEMA, &["destination", "signal", "error.type"]),
        (Dropped::SCHEMA, &["destination", "signal", "reason"]),
        (Waiting::SCHEMA, &["destination", "signal", "place"]),
        (Durable::SCHEMA, &["destination", "signal"]),
        (Kept::SCHEMA, &[]),
        (Process::SCHEMA, &[]),
    ]
}

/// The histograms among the observer's own metrics.
pub fn own_histograms() -> [OwnHistogram; 2] {
    [REQUEST_DURATION, CYCLE_DURATION]
}
