//! A last field without a size.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// The size of the last field is not known.
#[derive(MetricCollector)]
pub struct Tail<T: ?Sized> {
    /// The head.
    #[metric]
    pub head: u64,
    /// The tail.
    pub tail: T,
}

/// The last field is a slice of collectors.
#[derive(MetricCollector)]
pub struct Slice {
    /// All of them.
    #[metric(flatten(key = "index"))]
    pub tails: [Tail<u8>],
}

fn main() {}
