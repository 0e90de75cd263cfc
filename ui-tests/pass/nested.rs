//! Collectors in every wrapper and in every collection.

#![deny(warnings, missing_docs)]

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::rc::Rc;
use std::sync::Arc;

use metric_core::MetricCollector;

macro_rules! parts {
    ($($part:ident)*) => {$(
        /// A part.
        #[derive(MetricCollector)]
        pub struct $part {
            /// A value.
            #[metric]
            pub value: f64,
        }
    )*};
}

parts!(A B C D E F G H I J K L M N P);

/// All ways to hold parts.
#[derive(MetricCollector)]
pub struct All<'a> {
    /// An option.
    #[metric(flatten)]
    pub a: Option<A>,
    /// A box.
    #[metric(flatten)]
    pub b: Box<B>,
    /// An arc.
    #[metric(flatten)]
    pub c: Arc<C>,
    /// An rc.
    #[metric(flatten)]
    pub d: Rc<D>,
    /// A reference.
    #[metric(flatten)]
    pub e: &'a E,
    /// More than one.
    #[metric(flatten)]
    pub f: Option<Box<&'a mut F>>,
    /// A vector.
    #[metric(flatten(key = "index"))]
    pub g: Vec<G>,
    /// An array.
    #[metric(flatten(key = "index"))]
    pub h: [H; 4],
    /// A map.
    #[metric(flatten(key = "name"))]
    pub i: HashMap<String, I>,
    /// A sorted map.
    #[metric(flatten(key = "name"))]
    pub j: BTreeMap<&'a str, J>,
    /// A slice.
    #[metric(flatten(key = "index"))]
    pub k: &'a [K],
    /// A boxed slice.
    #[metric(flatten(key = "index"))]
    pub l: Box<[L]>,
    /// A shared slice, or none.
    #[metric(flatten(key = "index"))]
    pub m: Option<Arc<[M]>>,
    /// Options in a vector.
    #[metric(flatten(key = "index"))]
    pub n: Vec<Option<Box<N>>>,
    /// A map by numbers, with another hasher.
    #[metric(flatten(key = "number"))]
    pub p: HashMap<u64, P, BuildHasherDefault<DefaultHasher>>,
}

fn main() {
    assert_eq!(All::SCHEMA.len(), 15);
}
