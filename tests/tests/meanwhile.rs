//! Promise 3: callbacks cannot hurt. Nothing that user code or other threads do with members in the
//! middle of a collection can block it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use metric_core::opentelemetry::KeyValue;
use metric_core::{DropReason, Family, MetricCollector, RegisterError};
use metric_tests::bare::Callbacks;
use metric_tests::meanwhile::{in_time, meanwhile, replace};
use metric_tests::{Points, Rig};

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
