//! The trait behind the derive, and the visitor that it feeds.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use crate::{Attribute, AttributeValue, Measurement, MetricAttribute, Schema};

/// A struct whose marked fields are metrics. `#[derive(MetricCollector)]` implements it.
///
/// A type describes itself once, and any number of visitors use it: [`SCHEMA`](Self::SCHEMA) is
/// what can be observed, as data; [`observe`](Self::observe) shows the present values to an
/// [`Observer`].
///
/// By hand it is written as the derive would write it: the values in the order of the schema's
/// metrics, by their index.
///
/// ```
/// use metric_core::{Metric, MetricCollector, MetricValue, Observer, Schema};
///
/// struct Queue(Vec<String>);
///
/// impl MetricCollector for Queue {
///     const SCHEMA: &'static Schema = &Schema::new("Queue", file!(), line!()).with_metrics(&[
///         Metric::gauge("queue.length", usize::SHAPE).with_unit("{item}"),
///     ]);
///
///     fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
///         observer.metric(0, self.0.len().measure());
///     }
/// }
///
/// const _: () = Queue::SCHEMA.check(); // mistakes are compile errors
///
/// let points = metric_core::testing::observe(&Queue(vec!["a".into()]));
/// assert_eq!(points.value("queue.length"), Some(1.into()));
/// ```
#[diagnostic::on_unimplemented(
    message = "MC065: `{Self}` is not a collector of metrics",
    label = "does not derive `MetricCollector`",
    note = "put `#[derive(MetricCollector)]` on `{Self}` and `#[metric]` on its fields to observe",
    note = "a `Vec`, array or map of collectors: `#[metric(flatten(key = \"…\"))]`; a single value: `#[metric]` without `flatten`",
    note = "many plain numbers with a key: a struct with one `#[metric]` field around each"
)]
pub trait MetricCollector {
    /// What can be observed: names, kinds, units, descriptions and attributes.
    const SCHEMA: &'static Schema;

    /// Shows the present values to `observer`.
    fn observe<O: Observer + ?Sized>(&self, observer: &mut O);
}

/// A visitor that receives the present values of one snapshot.
///
/// Indices count from the group that is being visited: first the metrics of its [`Schema`], then
/// those of each of its flattened groups in turn ([`Schema::group_offset`]).
pub trait Observer {
    /// Attributes of everything that follows in this group. Comes first in a group, at most once.
    fn attributes(&mut self, attributes: &[Attribute<'_>]);

    /// The present value of the group's metric `index`.
    fn metric(&mut self, index: usize, measurement: Measurement);

    /// The group's information metric, `index`: the value 1 with these attributes of its own. If
    /// all of them are absent, so is the point.
    fn info(&mut self, index: usize, attributes: &[Attribute<'_>]);

    /// A flattened group begins, whose first metric is the present group's `offset`. `key` tells
    /// it from its siblings if it is one of many.
    fn enter(&mut self, offset: usize, key: Option<Attribute<'_>>);

    /// The group that was entered last ends.
    fn exit(&mut self);
}

macro_rules! pointers {
    ($($pointer:ty),* $(,)?) => {$(
        impl<C: MetricCollector> MetricCollector for $pointer {
            const SCHEMA: &'static Schema = C::SCHEMA;

            #[inline]
            fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
                (**self).observe(observer);
            }
        }
    )*};
}

pointers!(&C, &mut C, Box<C>, Rc<C>, Arc<C>);

/// Nothing is observed of `None`.
impl<C: MetricCollector> MetricCollector for Option<C> {
    const SCHEMA: &'static Schema = C::SCHEMA;

    #[inline]
    fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
        if let Some(collector) = self {
            collector.observe(observer);
        }
    }
}

/// Many collectors of one type, each with a key that becomes an attribute:
/// `#[metric(flatten(key = "…"))]`.
///
/// Implemented for [`Vec`], slices and arrays (the key is the index, from 0), [`HashMap`] and
/// [`BTreeMap`], and [`Option`], references, [`Box`], [`Rc`] and [`Arc`] of those.
#[diagnostic::on_unimplemented(
    message = "MC066: `{Self}` is not a collection of collectors",
    label = "`flatten(key = \"…\")` takes a `Vec`, an array, a `HashMap` or a `BTreeMap`",
    note = "a single collector: `#[metric(flatten)]`, without a key",
    note = "another collection: implement `KeyedCollectors` for it"
)]
pub trait KeyedCollectors {
    /// The collectors' type.
    type Collector: MetricCollector;

    /// Calls `visit` with each key and collector.
    fn each(&self, visit: impl FnMut(Option<AttributeValue<'_>>, &Self::Collector));

    /// Shows each collector to `observer`, as a group whose first metric is `offset` and that has
    /// the attribute `key`. There is no need to write it.
    fn observe_each<O: Observer + ?Sized>(
        &self,
        observer: &mut O,
        offset: usize,
        key: &'static str,
    ) {
        self.each(|value, collector| {
            observer.enter(offset, Some(Attribute { key, value }));
            collector.observe(observer);
            observer.exit();
        });
    }
}

impl<C: MetricCollector> KeyedCollectors for [C] {
    type Collector = C;

    fn each(&self, mut visit: impl FnMut(Option<AttributeValue<'_>>, &C)) {
        for (index, collector) in self.iter().enumerate() {
            visit(index.attribute(), collector);
        }
    }
}

impl<C: MetricCollector, const N: usize> KeyedCollectors for [C; N] {
    type Collector = C;

    fn each(&self, visit: impl FnMut(Option<AttributeValue<'_>>, &C)) {
        self.as_slice().each(visit);
    }
}

impl<C: MetricCollector> KeyedCollectors for Vec<C> {
    type Collector = C;

    fn each(&self, visit: impl FnMut(Option<AttributeValue<'_>>, &C)) {
        self.as_slice().each(visit);
    }
}

impl<K: MetricAttribute, C: MetricCollector, S> KeyedCollectors for HashMap<K, C, S> {
    type Collector = C;

    fn each(&self, mut visit: impl FnMut(Option<AttributeValue<'_>>, &C)) {
        for (key, collector) in self {
            visit(key.attribute(), collector);
        }
    }
}

impl<K: MetricAttribute, C: MetricCollector> KeyedCollectors for BTreeMap<K, C> {
    type Collector = C;

    fn each(&self, mut visit: impl FnMut(Option<AttributeValue<'_>>, &C)) {
        for (key, collector) in self {
            visit(key.attribute(), collector);
        }
    }
}

impl<M: KeyedCollectors> KeyedCollectors for Option<M> {
    type Collector = M::Collector;

    fn each(&self, visit: impl FnMut(Option<AttributeValue<'_>>, &M::Collector)) {
        if let Some(collectors) = self {
            collectors.each(visit);
        }
    }
}

macro_rules! keyed_pointers {
    ($($pointer:ty),* $(,)?) => {$(
        // So that the compiler lists the collections rather than these.
        #[diagnostic::do_not_recommend]
        impl<M: KeyedCollectors + ?Sized> KeyedCollectors for $pointer {
            type Collector = M::Collector;

            fn each(&self, visit: impl FnMut(Option<AttributeValue<'_>>, &M::Collector)) {
                (**self).each(visit);
            }
        }
    )*};
}

keyed_pointers!(&M, &mut M, Box<M>, Rc<M>, Arc<M>);
