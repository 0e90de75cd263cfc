//! metric-core by another name, and passed on.

/// What a library re-exports for the derives of its users.
pub mod inner {
    pub use mc as metrics;
}

/// What the library itself observes.
#[derive(Clone, Copy, Debug, Default, mc::MetricCollector)]
#[metric(crate = "mc")]
pub struct Requests {
    /// How many requests were served.
    #[metric(counter, unit = "{request}")]
    pub served: u64,
    /// Whether more are taken.
    #[metric]
    pub state: State,
}

/// Whether requests are taken.
#[derive(Clone, Copy, Debug, Default, mc::MetricState)]
#[metric(crate = "::mc")]
pub enum State {
    /// They are.
    #[default]
    Open,
    /// They are not.
    Closed,
}

/// The same, by the path that users take.
#[derive(Clone, Copy, Debug, Default, mc::MetricCollector)]
#[metric(crate = "crate::inner::metrics")]
pub struct Replies {
    /// How many replies were sent.
    #[metric(counter, unit = "{reply}")]
    pub sent: u64,
}
