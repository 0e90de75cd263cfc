//! All types that can be observed, as all kinds that they can be.

#![deny(warnings, missing_docs)]

use std::borrow::Cow;
use std::num::{NonZero, NonZeroU8};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::*;
use std::time::{Duration, SystemTime};

use metric_core::MetricCollector;

macro_rules! leaves {
    ($name:ident $kind:ident: $($field:ident: $ty:ty,)*) => {
        /// All of one kind.
        #[derive(MetricCollector)]
        pub struct $name<'a> {
            $(
                /// A leaf.
                #[metric($kind)]
                pub $field: $ty,
            )*
            /// A reference.
            #[metric($kind)]
            pub reference: &'a u64,
        }
    };
}

leaves! {Gauges gauge:
    x0: i8,
    x1: i16,
    x2: i32,
    x3: i64,
    x4: i128,
    x5: isize,
    x6: u8,
    x7: u16,
    x8: u32,
    x9: u64,
    x10: u128,
    x11: usize,
    x12: NonZero<i8>,
    x13: NonZero<i16>,
    x14: NonZero<i32>,
    x15: NonZero<i64>,
    x16: NonZero<i128>,
    x17: NonZero<isize>,
    x18: NonZero<u8>,
    x19: NonZero<u16>,
    x20: NonZero<u32>,
    x21: NonZero<u64>,
    x22: NonZero<u128>,
    x23: NonZero<usize>,
    x24: NonZeroU8,
    x25: f32,
    x26: f64,
    x27: bool,
    x28: Duration,
    x29: SystemTime,
    x30: AtomicBool,
    x31: AtomicI8,
    x32: AtomicI16,
    x33: AtomicI32,
    x34: AtomicI64,
    x35: AtomicIsize,
    x36: AtomicU8,
    x37: AtomicU16,
    x38: AtomicU32,
    x39: AtomicU64,
    x40: AtomicUsize,
    x41: Option<f64>,
    x42: Box<f64>,
    x43: Rc<f64>,
    x44: Arc<f64>,
    x45: Cow<'a, f64>,
    x46: &'a mut f64,
    x47: Option<Option<Box<Arc<bool>>>>,
}

leaves! {Counters counter:
    x0: u8,
    x1: u16,
    x2: u32,
    x3: u64,
    x4: u128,
    x5: usize,
    x6: NonZero<u8>,
    x7: NonZero<u16>,
    x8: NonZero<u32>,
    x9: NonZero<u64>,
    x10: NonZero<u128>,
    x11: NonZero<usize>,
    x12: f32,
    x13: f64,
    x14: Duration,
    x15: AtomicU8,
    x16: AtomicU16,
    x17: AtomicU32,
    x18: AtomicU64,
    x19: AtomicUsize,
    x20: Option<Arc<AtomicU64>>,
    x21: Box<f64>,
    x22: &'a AtomicU64,
}

leaves! {UpDownCounters up_down_counter:
    x0: i8,
    x1: i16,
    x2: i32,
    x3: i64,
    x4: i128,
    x5: isize,
    x6: u8,
    x7: u16,
    x8: u32,
    x9: u64,
    x10: u128,
    x11: usize,
    x12: NonZero<i8>,
    x13: NonZero<i16>,
    x14: NonZero<i32>,
    x15: NonZero<i64>,
    x16: NonZero<i128>,
    x17: NonZero<isize>,
    x18: NonZero<u8>,
    x19: NonZero<u16>,
    x20: NonZero<u32>,
    x21: NonZero<u64>,
    x22: NonZero<u128>,
    x23: NonZero<usize>,
    x24: f32,
    x25: f64,
    x26: Duration,
    x27: AtomicI8,
    x28: AtomicI16,
    x29: AtomicI32,
    x30: AtomicI64,
    x31: AtomicIsize,
    x32: AtomicU8,
    x33: AtomicU16,
    x34: AtomicU32,
    x35: AtomicU64,
    x36: AtomicUsize,
    x37: Option<Arc<AtomicI64>>,
}

/// All attributes.
#[derive(MetricCollector)]
pub struct Attributes<'a> {
    /// A value.
    #[metric]
    pub value: u64,
    /// An attribute.
    #[metric(info)]
    pub a0: String,
    /// An attribute.
    #[metric(attribute)]
    pub a1: &'a str,
    /// An attribute.
    #[metric(info)]
    pub a2: Cow<'a, str>,
    /// An attribute.
    #[metric(attribute)]
    pub a3: Option<String>,
    /// An attribute.
    #[metric(info)]
    pub a4: Box<str>,
    /// An attribute.
    #[metric(attribute)]
    pub a5: Arc<str>,
    /// An attribute.
    #[metric(info)]
    pub a6: Rc<str>,
    /// An attribute.
    #[metric(attribute)]
    pub a7: bool,
    /// An attribute.
    #[metric(info)]
    pub a8: f32,
    /// An attribute.
    #[metric(attribute)]
    pub a9: f64,
    /// An attribute.
    #[metric(info)]
    pub a10: u8,
    /// An attribute.
    #[metric(attribute)]
    pub a11: i64,
    /// An attribute.
    #[metric(info)]
    pub a12: usize,
    /// An attribute.
    #[metric(attribute)]
    pub a13: NonZero<u8>,
    /// An attribute.
    #[metric(info)]
    pub a14: Option<&'a &'a str>,
}

fn main() {}
