//! All visibilities, and private types in public structs.

#![deny(warnings, missing_docs)]

use metric_core::{MetricCollector, MetricState};

mod part {
    /// Of a private module.
    #[derive(metric_core::MetricCollector)]
    pub struct Hidden {
        #[metric]
        pub(super) inner: u64,
    }
}

#[derive(MetricState)]
enum Private {
    Off,
    On,
}

#[derive(MetricCollector)]
struct Inner {
    #[metric]
    value: u64,
}

/// A public struct of private types.
#[derive(MetricCollector)]
pub struct Public {
    #[metric]
    private: Private,
    #[metric(flatten)]
    inner: Inner,
    #[metric(flatten)]
    pub(crate) hidden: part::Hidden,
    #[metric(with = read)]
    pub(crate) read: Inner,
    /// All may see it.
    #[metric]
    pub all: u64,
}

/// A public struct with a private type as argument.
#[derive(MetricCollector)]
pub struct Generic<T> {
    #[metric(flatten)]
    of: T,
    #[metric(flatten(prefix = "many", key = "index"))]
    inner: [part::Hidden; 2],
}

fn read(inner: &Inner) -> u64 {
    inner.value
}

fn main() {
    let hidden = || part::Hidden { inner: 1 };
    let inner = || Inner { value: 1 };
    let public = |private| Public {
        private,
        inner: inner(),
        hidden: hidden(),
        read: inner(),
        all: 1,
    };
    for public in [public(Private::Off), public(Private::On)] {
        metric_core::testing::observe(&Generic {
            of: public,
            inner: [hidden(), hidden()],
        });
    }
}
