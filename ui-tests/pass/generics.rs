//! Type parameters with bounds, where clauses, defaults and const parameters.

#![deny(warnings, missing_docs)]

use metric_core::MetricCollector;

/// A generic collector.
#[derive(MetricCollector)]
pub struct Pair<'a, T: Clone + 'a, U: ?Sized = f64, const N: usize = 2>
where
    T: Send,
    Option<T>: Sync,
{
    /// The first.
    #[metric]
    pub first: &'a T,
    /// The second.
    #[metric(unit = "m")]
    pub second: Box<U>,
    /// The third.
    #[metric(with = len::<T, N>)]
    pub third: [T; N],
}

fn len<T, const N: usize>(_: &[T; N]) -> usize {
    N
}

/// Bounds in the middle, and an associated type.
#[derive(MetricCollector)]
pub struct Last<I: Iterator<Item: Clone>> {
    /// The last item.
    #[metric]
    pub last: Option<I::Item>,
    /// Where it came from.
    pub iterator: I,
}

/// A parameter that is a collector.
#[derive(MetricCollector)]
pub struct Twice<C, D> {
    /// One.
    #[metric(flatten(prefix = "one"))]
    pub one: C,
    /// Many.
    #[metric(flatten(prefix = "many", key = "index"))]
    pub many: D,
}

fn main() {
    let pair = || Pair::<u8, u64, 3> {
        first: &1,
        second: Box::new(2),
        third: [1, 2, 3],
    };
    let points = metric_core::testing::observe(&Twice {
        one: pair(),
        many: vec![pair()],
    });
    assert_eq!(points.value("one.pair.second"), Some(2.into()));
    metric_core::testing::observe(&Last {
        last: Some(1),
        iterator: [1].into_iter(),
    });
}
