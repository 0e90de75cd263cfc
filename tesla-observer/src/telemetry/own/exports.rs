//! What is counted of exports.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;

use super::super::spool::Level;
use super::keyed::Keyed;
use super::metrics::{Delivered, Dropped, Durable, Failed, Waiting};

/// How many series of one metric there can be, roughly.
const SERIES: usize = 64;

type Destination = (String, &'static str);

/// What is counted of exports.
#[derive(Debug)]
pub(in super::super) struct Exports {
    pub(super) delivered: Keyed<Destination, Delivered>,
    pub(super) failed: Keyed<(Destination, String), Failed>,
    pub(super) dropped: Keyed<(Destination, &'static str), Dropped>,
    pub(super) waiting: Keyed<(Destination, &'static str), Waiting>,
    pub(super) durable: Keyed<Destination, Durable>,
}

impl Exports {
    pub(in super::super) fn new() -> Self {
        Exports {
            delivered: Keyed::new(SERIES, attributes),
            failed: Keyed::new(SERIES, |(destination, kind)| {
                let mut all = attributes(destination);
                all.push(KeyValue::new("error.type", kind.clone()));
                all
            }),
            dropped: Keyed::new(SERIES, |(destination, reason)| {
                let mut all = attributes(destination);
                all.push(KeyValue::new("reason", *reason));
                all
            }),
            waiting: Keyed::new(SERIES, |(destination, place)| {
                let mut all = attributes(destination);
                all.push(KeyValue::new("place", *place));
                all
            }),
            durable: Keyed::new(SERIES, attributes),
        }
    }

    pub(in super::super) fn delivered(&self, name: &str, signal: &'static str) {
        self.delivered
            .update((name.to_owned(), signal), |own| own.count += 1);
    }

    pub(in super::super) fn failed(&self, name: &str, signal: &'static str, kind: &str) {
        let key = ((name.to_owned(), signal), kind.to_owned());
        self.failed.update(key, |own| own.count += 1);
    }

    pub(in super::super) fn dropped(
        &self,
        name: &str,
        signal: &'static str,
        reason: &'static str,
        requests: usize,
    ) {
        let key = ((name.to_owned(), signal), reason);
        self.dropped.update(key, |own| own.count += requests as u64);
    }
}

impl Exports {
    /// How much waits `disk` or in `memory`.
    pub(in super::super) fn waiting(
        &self,
        name: &str,
        signal: &'static str,
        place: &'static str,
        level: Level,
    ) {
        let key = ((name.to_owned(), signal), place);
        self.waiting.update(key, |own| {
            own.requests = level.requests as u64;
            own.bytes = level.bytes;
            own.since = level.since;
        });
    }

    /// Whether what waits is kept on disk.
    pub(in super::super) fn durable(&self, name: &str, signal: &'static str, durable: bool) {
        let key = (name.to_owned(), signal);
        self.durable.update(key, |own| own.durable = durable);
    }
}

/// How exports to one destination have gone, of one signal, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportFigures {
    /// Requests that were taken.
    pub delivered: u64,
    /// Attempts that failed, wholly or in part.
    pub failures: u64,
    /// Requests that will never be taken.
    pub dropped: u64,
    /// Requests that wait.
    pub waiting: u64,
}

impl Exports {
    /// How all exports have gone, by destination and signal.
    pub(super) fn figures(&self) -> BTreeMap<Destination, ExportFigures> {
        let mut all: BTreeMap<Destination, ExportFigures> = BTreeMap::new();
        self.delivered
            .each(|key, own| all.entry(key.clone()).or_default().delivered += own.count);
        self.failed
            .each(|(key, _), own| all.entry(key.clone()).or_default().failures += own.count);
        self.dropped
            .each(|(key, _), own| all.entry(key.clone()).or_default().dropped += own.count);
        self.waiting
            .each(|(key, _), own| all.entry(key.clone()).or_default().waiting += own.requests);
        all
    }
}

#[cfg(test)]
impl Exports {
    /// How many requests were dropped for a reason.
    pub(in super::super) fn dropped_in_all(&self, reason: &str) -> u64 {
        let of = |(_, own): &(Destination, &'static str)| *own == reason;
        self.dropped.sum(of, |own| own.count)
    }

    /// How many attempts failed like this.
    pub(in super::super) fn failed_in_all(&self, kind: &str) -> u64 {
        let of = |(_, own): &(Destination, String)| own == kind;
        self.failed.sum(of, |own| own.count)
    }

    /// Whether metrics for this destination are kept on disk; `None` if nobody said.
    pub(in super::super) fn is_durable(&self, name: &str) -> Option<bool> {
        let of = |(own, _): &Destination| own == name;
        let told = self.durable.sum(of, |_| 1) > 0;
        told.then(|| self.durable.sum(of, |own| u64::from(own.durable)) > 0)
    }
}

fn attributes((name, signal): &Destination) -> Vec<KeyValue> {
    vec![
        KeyValue::new("destination", name.clone()),
        KeyValue::new("signal", *signal),
    ]
}
