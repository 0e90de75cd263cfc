//! A macro whose types come from another macro.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

macro_rules! outer {
    ($ty:ty, $inner:ty) => {
        inner!($ty, $inner);
    };
}

macro_rules! inner {
    ($ty:ty, $inner:ty) => {
        /// Fragments of fragments.
        #[derive(MetricCollector)]
        pub struct Wrapped {
            /// One.
            #[metric(counter, unit = "By")]
            pub one: Option<$ty>,
            /// Two.
            #[metric(flatten(key = "index"))]
            pub two: Vec<$inner>,
        }
    };
}

/// A part.
#[derive(MetricCollector)]
pub struct Part {
    /// One.
    #[metric]
    pub value: i8,
}

outer!(u32, self::Part);

fn main() {}
