//! What is counted of exports.

use opentelemetry::KeyValue;

use super::keyed::Keyed;
use super::metrics::{Delivered, Dropped, Failed};

/// How many series of one metric there can be, roughly.
const SERIES: usize = 64;

type Destination = (String, &'static str);

/// What is counted of exports.
#[derive(Debug)]
pub(in super::super) struct Exports {
    pub(super) delivered: Keyed<Destination, Delivered>,
    pub(super) failed: Keyed<(Destination, String), Failed>,
    pub(super) dropped: Keyed<(Destination, &'static str), Dropped>,
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

#[cfg(test)]
impl Exports {
    /// How many requests were dropped for a reason.
    pub(in super::super) fn dropped_in_all(&self, reason: &str) -> u64 {
        let of = |(_, own): &(Destination, &'static str)| *own == reason;
        self.dropped.sum(of, |own| own.count)
    }
}

fn attributes((name, signal): &Destination) -> Vec<KeyValue> {
    vec![
        KeyValue::new("destination", name.clone()),
        KeyValue::new("signal", *signal),
    ]
}
