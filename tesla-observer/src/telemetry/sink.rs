//! Destinations in this process.

use std::fmt::Debug;

use opentelemetry_sdk::metrics::data::ResourceMetrics;

/// A destination in this process: the history, the page.
pub trait Sink: Debug + Send + Sync {
    /// Takes what members have reported. Each of them is here with all that it reports: a series that
    /// it has reported before and that is not among these has ended. It is called on a thread that may
    /// wait, one call at a time, in the order of the reports.
    fn take(&self, metrics: &ResourceMetrics);
}
