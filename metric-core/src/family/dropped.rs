//! What made no point, and why: nothing is dropped silently.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::otel_warn;

use crate::Schema;

/// Why a value made no point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// NaN or an infinity.
    NotFinite,
    /// No number type of the instrument can hold the value: an integer beyond [`i64::MAX`] (OTLP
    /// has no larger one), a negative value of a counter, an unknown state.
    OutOfRange,
    /// A `with` function, or a hand-written visitor, panicked.
    Panicked,
    /// Another member, or another entry of the same map, reports the same metric with the same
    /// attributes; the first one is reported.
    Duplicate,
    /// There are more series of the metric than the SDK's cardinality limit lets through; the SDK
    /// puts the rest into one series, `otel.metric.overflow`. See
    /// [`Family::with_capacity`](crate::Family::with_capacity).
    OverLimit,
    /// A member has an attribute whose key the schema gives to the metric too; the schema's value
    /// is reported. Counted once, when the series begins.
    AttributeConflict,
    /// Code that a collection runs (a `with` function, a visitor) has the same meter collected on
    /// the same thread; the inner collection reports nothing.
    Nested,
}

const REASONS: [DropReason; 7] = [
    DropReason::NotFinite,
    DropReason::OutOfRange,
    DropReason::Panicked,
    DropReason::Duplicate,
    DropReason::OverLimit,
    DropReason::AttributeConflict,
    DropReason::Nested,
];

impl DropReason {
    fn as_str(self) -> &'static str {
        match self {
            DropReason::NotFinite => "not a finite number",
            DropReason::OutOfRange => "out of range",
            DropReason::Panicked => "the code that reads the value panicked",
            DropReason::Duplicate => "the same attributes are reported twice",
            DropReason::OverLimit => "over the SDK's cardinality limit",
            DropReason::AttributeConflict => "a member's attribute has a key of the schema",
            DropReason::Nested => "collected in the middle of a collection",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often values of one metric were dropped for one reason, counted at every collection (of
/// every meter) since the family was made: [`Family::dropped`](crate::Family::dropped).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The metric's full name; `None` if the whole member was concerned.
    pub metric: Option<String>,
    /// Why.
    pub reason: DropReason,
    /// How often.
    pub count: u64,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metric = self.metric.as_deref().unwrap_or("(all of a member)");
        write!(f, "{metric}: {}, {} times", self.reason, self.count)
    }
}

/// The counters behind [`Dropped`]: a row per metric, and one for whole members.
#[derive(Debug)]
pub(crate) struct Drops {
    schema: &'static Schema,
    counts: Box<[[AtomicU64; REASONS.len()]]>,
}

impl Drops {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Drops {
            schema,
            counts: (0..=schema.len()).map(|_| Default::default()).collect(),
        }
    }

    /// Counts a dropped value of the metric `index`.
    #[cold]
    pub(crate) fn count(&self, index: usize, reason: DropReason, times: usize) {
        let row = index.min(self.schema.len());
        let before = self.counts[row][reason as usize].fetch_add(times as u64, Ordering::Relaxed);
        if before == 0 {
            self.warn(row, reason);
        }
    }

    /// Counts something that concerned a whole member.
    #[cold]
    pub(crate) fn count_member(&self, reason: DropReason) {
        self.count(self.schema.len(), reason, 1);
    }

    /// The first of each kind is logged; the others are only counted.
    fn warn(&self, row: usize, reason: DropReason) {
        let metric = self
            .metric(row)
            .unwrap_or_else(|| "all of a member".to_owned());
        otel_warn!(
            name: "MetricCore.Dropped",
            collector = self.schema.type_name(),
            metric = metric.as_str(),
            reason = reason.as_str(),
            message = "A value made no point. Further ones are only counted: see Family::dropped."
        );
    }

    fn metric(&self, row: usize) -> Option<String> {
        self.schema.name(row).map(|name| name.as_str().to_owned())
    }

    pub(crate) fn list(&self) -> Vec<Dropped> {
        let mut list = Vec::new();
        for (row, counts) in self.counts.iter().enumerate() {
            for (reason, count) in REASONS.into_iter().zip(counts) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let metric = self.metric(row);
                    list.push(Dropped {
                        metric,
                        reason,
                        count,
                    });
                }
            }
        }
        list
    }
}
