//! Six levels of flattened structs.

#![deny(warnings, missing_docs)]

use metric_core::{Family, MetricCollector};

macro_rules! level {
    ($name:ident of $inner:ident, $key:literal) => {
        /// A level.
        #[derive(MetricCollector)]
        pub struct $name<T> {
            /// Its own.
            #[metric]
            pub own: Option<T>,
            /// One more.
            #[metric(flatten)]
            pub inner: Option<Box<$inner<T>>>,
            /// Many more.
            #[metric(flatten(prefix = $key, key = $key))]
            pub many: Vec<$inner<T>>,
        }
    };
}

/// The last level.
#[derive(MetricCollector)]
pub struct Six<T> {
    /// Its own.
    #[metric]
    pub own: Option<T>,
}

level!(Five of Six, "five");
level!(Four of Five, "four");
level!(Three of Four, "three");
level!(Two of Three, "two");
level!(One of Two, "one");

/// Without parameters.
#[derive(MetricCollector)]
pub struct Root {
    /// All of it.
    #[metric(flatten)]
    pub one: Option<One<f64>>,
}

fn main() {
    assert_eq!(Root::SCHEMA.len(), 63);
    let family = Family::<Root>::new();
    family.member([]).set(Root { one: None });
}
