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

/// What there is to say of one schema.
pub type OwnSchema = (&'static str, &'static Schema, &'static [&'static str]);

/// The schemas of the observer's own metrics, each with a title and with the keys of its attributes.
pub fn own_schemas() -> [OwnSchema; 15] {
    [
        ("Cycles", Cycles::SCHEMA, &["outcome"]),
        ("Unread fields", UnreadFields::SCHEMA, &["reason"]),
        ("Outdated readings", Outdated::SCHEMA, &[]),
        ("Unseen events", Unseen::SCHEMA, &["event"]),
        ("Vehicles observed", Vehicles::SCHEMA, &["availability"]),
        ("Token", Token::SCHEMA, &[]),
        ("Requests to Tesla", Asked::SCHEMA, &["class"]),
        ("Budget", Budget::SCHEMA, &[]),
        ("Exports", Delivered::SCHEMA, &["destination", "signal"]),
        (
            "Failed exports",
            Failed::SCHEMA,
            &["destination", "signal", "error.type"],
        ),
        (
            "Dropped exports",
            Dropped::SCHEMA,
            &["destination", "signal", "reason"],
        ),
        (
            "Waiting exports",
            Waiting::SCHEMA,
            &["destination", "signal", "place"],
        ),
        ("Durability", Durable::SCHEMA, &["destination", "signal"]),
        ("History", Kept::SCHEMA, &[]),
        ("Process", Process::SCHEMA, &[]),
    ]
}

/// The histograms among the observer's own metrics.
pub fn own_histograms() -> [OwnHistogram; 2] {
    [REQUEST_DURATION, CYCLE_DURATION]
}
