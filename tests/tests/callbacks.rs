//! Promise 3: callbacks cannot hurt. User code that panics costs its own value; nothing that user
//! code or other threads do with members in the middle of a collection can block it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use metric_core::opentelemetry::KeyValue;
use metric_core::{
    AttributeValue, DropReason, Family, KeyedCollectors, Measurement, Metric, MetricAttribute,
    MetricCollector, MetricValue, Observer, RegisterError, Schema, Shape,
};
use metric_tests::bare::Callbacks;
use metric_tests::{Points, Rig};

/// Fails instead of hanging if `run` does not come to an end.
fn in_time<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = mpsc::channel();
    let thread = thread::spawn(move || done.send(run()));
    match result.recv_timeout(Duration::from_secs(60)) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("deadlock"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!("the result was sent"),
        },
    }
}

#[derive(Clone, MetricCollector)]
struct Fragile {
    #[metric]
    before: u8,
    #[metric(with = positive)]
    fragile: i64,
    #[metric]
    after: u8,
}

fn positive(value: &i64) -> u64 {
    u64::try_from(*value).expect("a value below zero makes this panic on purpose")
}

#[test]
fn a_panic_in_a_with_function_costs_one_value_and_is_counted() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let member = |name: &'static str, fragile| {
        let member = family.member([KeyValue::new("name", name)]);
        member.set(Fragile {
            before: 1,
            fragile,
            after: 2,
        });
        member
    };
    let _members = [member("a", -1), member("b", 5)];
    for collections in 1..=3 {
        let points = reader.collect();
        assert_eq!(points.values("fragile.before"), [1.0, 1.0]);
        assert_eq!(points.values("fragile.after"), [2.0, 2.0]);
        assert_eq!(points.values("fragile.fragile"), [5.0]);
        let dropped = family.dropped();
        assert_eq!(dropped.len(), 1);
        assert_eq!(dropped[0].metric.as_deref(), Some("fragile.fragile"));
        assert_eq!(dropped[0].reason, DropReason::Panicked);
        assert_eq!(dropped[0].count, collections);
    }
}

/// A visitor by hand that panics between its metrics, within a group.
struct ByHand(bool);

impl MetricCollector for ByHand {
    const SCHEMA: &'static Schema = &Schema::new("ByHand", file!(), line!()).with_metrics(&[
        Metric::gauge("by_hand.first", u8::SHAPE),
        Metric::gauge("by_hand.second", u8::SHAPE),
    ]);

    fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
        observer.metric(0, 1_u8.measure());
        observer.enter(1, None);
        assert!(self.0, "a visitor that panics on purpose");
        observer.metric(0, 2_u8.measure());
        observer.exit();
        // One exit too many, and a metric that the schema does not have.
        observer.exit();
        observer.metric(2, 3_u8.measure());
        observer.metric(1, Measurement::State(9));
    }
}

#[test]
fn a_visitor_that_panics_or_misbehaves_disturbs_no_other_member() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let members = ["a", "b", "c"].map(|name| family.member([KeyValue::new("name", name)]));
    for (index, member) in members.iter().enumerate() {
        member.set(ByHand(index != 1));
    }
    let points = reader.collect();
    assert_eq!(points.values("by_hand.first"), [1.0; 3]);
    assert_eq!(points.values("by_hand.second"), [2.0; 2]);
    let reasons: Vec<_> = family
        .dropped()
        .iter()
        .map(|dropped| dropped.reason)
        .collect();
    assert!(reasons.contains(&DropReason::Panicked), "{reasons:?}");
    assert!(reasons.contains(&DropReason::OutOfRange), "{reasons:?}");
    assert_eq!(
        reader.collect(),
        points,
        "the next collection is as this one"
    );
}

/// Panics when it is dropped, as may happen on the collecting thread.
#[derive(MetricCollector)]
struct BadDrop {
    #[metric(with = replace)]
    value: u8,
    panics: bool,
}

impl Drop for BadDrop {
    fn drop(&mut self) {
        assert!(
            !self.panics || thread::panicking(),
            "a drop that panics on purpose"
        );
    }
}

thread_local! {
    /// What the next `with` function does in the middle of a collection.
    static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

fn meanwhile(run: impl FnOnce() + 'static) {
    MEANWHILE.with(|meanwhile| *meanwhile.borrow_mut() = Some(Box::new(run)));
}

fn replace(value: &u8) -> u8 {
    if let Some(run) = MEANWHILE.with(|meanwhile| meanwhile.borrow_mut().take()) {
        run();
    }
    *value
}

#[test]
fn a_drop_that_panics_on_the_collecting_thread_is_caught() {
    in_time(|| {
        let Rig {
            reader,
            family,
            provider: _provider,
        } = Rig::new();
        let member = family.member([]);
        member.set(BadDrop {
            value: 1,
            panics: true,
        });
        // The snapshot under observation loses its last other owner: the collection drops it.
        meanwhile(move || {
            member.clear();
            drop(member);
        });
        assert_eq!(reader.collect().values("bad_drop.value"), [1.0]);
        assert_eq!(family.dropped()[0].reason, DropReason::Panicked);
        assert!(reader.collect().is_empty());
    });
}

#[test]
fn a_visitor_and_a_drop_that_both_panic_are_caught_one_after_the_other() {
    struct Both;

    impl MetricCollector for Both {
        const SCHEMA: &'static Schema = ByHand::SCHEMA;

        fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
            observer.metric(0, replace(&1).measure());
            panic!("a visitor that panics on purpose");
        }
    }

    impl Drop for Both {
        fn drop(&mut self) {
            panic!("a drop that panics on purpose");
        }
    }

    in_time(|| {
        let Rig {
            reader,
            family,
            provider: _provider,
        } = Rig::new();
        let member = family.member([]);
        member.set(Both);
        meanwhile(move || drop(member));
        assert_eq!(reader.collect().values("by_hand.first"), [1.0]);
        assert_eq!(family.dropped()[0].count, 2);
        assert!(reader.collect().is_empty());
        assert_eq!(family.len(), 0);
    });
}

#[test]
fn a_drop_that_panics_does_not_cost_the_members_place() {
    let family = Family::<BadDrop>::new();
    let member = family.member([]);
    member.set(BadDrop {
        value: 1,
        panics: true,
    });
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(member)));
    assert!(dropped.is_err());
    assert_eq!(family.len(), 0);
}

/// Panics wherever a user's type has a say, if `0` is odd.
struct Says(u8);

impl MetricValue for Says {
    const SHAPE: Shape = Shape::U64;

    fn measure(&self) -> Measurement {
        assert!(self.0.is_multiple_of(2), "a value that panics on purpose");
        self.0.measure()
    }
}

impl MetricAttribute for Says {
    fn attribute(&self) -> Option<AttributeValue<'_>> {
        assert!(
            self.0.is_multiple_of(2),
            "an attribute that panics on purpose"
        );
        self.0.attribute()
    }
}

impl KeyedCollectors for Says {
    type Collector = Fragile;

    fn each(&self, _: impl FnMut(Option<AttributeValue<'_>>, &Fragile)) {
        assert!(
            self.0.is_multiple_of(2),
            "a collection that panics on purpose"
        );
    }
}

#[test]
fn a_panic_of_a_users_own_type_disturbs_no_other_member() {
    #[derive(MetricCollector)]
    struct Own {
        #[metric(attribute)]
        attribute: Says,
        #[metric]
        value: Says,
        #[metric(flatten(key = "n"))]
        many: Says,
    }
    let own = |attribute, value, many| Own {
        attribute: Says(attribute),
        value: Says(value),
        many: Says(many),
    };
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let values = [own(1, 0, 0), own(0, 1, 0), own(0, 0, 1), own(0, 0, 0)];
    let members = values.map(|value| (family.member([]), value));
    for (index, (mut member, value)) in members.into_iter().enumerate() {
        member.set_attributes([KeyValue::new("index", index as i64)]);
        member.set(value);
        std::mem::forget(member);
    }
    for collections in 1..=3 {
        // The third one had reported its value before it panicked.
        assert_eq!(reader.collect().values("own.value"), [0.0, 0.0]);
        let dropped = family.dropped();
        assert_eq!(dropped.len(), 1, "{dropped:?}");
        assert_eq!(
            (dropped[0].reason, dropped[0].count),
            (DropReason::Panicked, 3 * collections)
        );
    }
}

#[test]
fn code_that_a_collection_runs_cannot_block_it_by_registering_or_collecting() {
    in_time(|| {
        let family = Family::<Simple>::new();
        let (callbacks, meter) = Callbacks::new();
        family.register(&meter).expect("fresh");
        let member = family.member([]);
        member.set(simple(1));
        let (inner, again) = (family.clone(), Arc::clone(&callbacks));
        meanwhile(move || {
            let (_, other) = Callbacks::new();
            assert_eq!(inner.register(&other), Err(RegisterError::InCollection));
            assert!(again.run_one(1).is_empty());
        });
        assert_eq!(callbacks.run().values("simple.second"), [1.0]);
        let dropped = family.dropped();
        assert_eq!(dropped[0].reason, DropReason::Nested, "{dropped:?}");
        assert_eq!(callbacks.run().values("simple.second"), [1.0]);
    });
}

#[derive(Clone, Default, MetricCollector)]
struct Simple {
    #[metric(with = replace)]
    first: u8,
    #[metric]
    second: u8,
}

fn simple(value: u8) -> Simple {
    Simple {
        first: value,
        second: value,
    }
}

/// Collects once while `run` runs in the middle of the collection, and once again.
fn in_the_middle(
    run: impl FnOnce(&Family<Simple>, Vec<metric_core::Member<Simple>>) + Send + 'static,
) -> (Points, Points) {
    in_time(|| {
        let Rig {
            reader,
            family,
            provider: _provider,
        } = Rig::new();
        let members: Vec<_> = (0..3)
            .map(|index| {
                let member = family.member([KeyValue::new("index", index)]);
                member.set(simple(1));
                member
            })
            .collect();
        let inner = family.clone();
        meanwhile(move || run(&inner, members));
        (reader.collect(), reader.collect())
    })
}

#[test]
fn members_dropped_in_the_middle_of_a_collection_do_not_block_it() {
    let (during, after) = in_the_middle(|_, members| drop(members));
    assert_eq!(
        during.values("simple.first"),
        during.values("simple.second"),
        "whole or not at all"
    );
    assert!(after.is_empty());
}

#[test]
fn members_added_and_set_in_the_middle_of_a_collection_do_not_block_it() {
    let (during, after) = in_the_middle(|family, mut members| {
        for index in 10..200 {
            let member = family.member([KeyValue::new("index", index)]);
            member.set(simple(2));
            members.push(member);
        }
        for member in &members {
            member.update(|value| value.second = 3);
        }
        std::mem::forget(members);
    });
    assert_eq!(
        during.values("simple.first").len(),
        during.values("simple.second").len()
    );
    assert_eq!(after.values("simple.second"), vec![3.0; 3 + 190]);
}

#[test]
fn a_member_set_cleared_and_replaced_from_many_threads_never_blocks_a_collection() {
    in_time(|| {
        let Rig {
            reader,
            family,
            provider: _provider,
        } = Rig::new();
        let stop = AtomicBool::new(false);
        let shared = family.member([KeyValue::new("name", "shared")]);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        shared.set(simple(1));
                        shared.update(|value| value.first = value.second);
                        shared.clear();
                        let own = family.member([KeyValue::new("name", "own")]);
                        own.set(simple(2));
                        drop(own);
                    }
                });
            }
            for _ in 0..2000 {
                let points = reader.collect();
                assert!(points.0.len() <= 2 * 2, "{points:?}");
            }
            stop.store(true, Ordering::Relaxed);
        });
        drop(shared);
        assert!(reader.collect().is_empty());
        assert!(family.is_empty());
    });
}

#[test]
fn no_update_is_lost_between_threads() {
    #[derive(Clone, Default, MetricCollector)]
    struct Count {
        #[metric]
        count: u64,
    }
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::<Count>::new();
    let member = family.member([]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    member.update(|value| value.count += 1);
                }
            });
        }
    });
    assert_eq!(reader.collect().values("count.count"), [40_000.0]);
}
