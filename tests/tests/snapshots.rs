//! Promise 1: all metrics of a member in one collection come from one `set`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_core::{Family, MetricCollector};
use metric_tests::{Points, Reader, Rig, dropping};
use opentelemetry_sdk::metrics::SdkMeterProvider;

/// All fields are always set to the same number.
#[derive(Clone, Default, MetricCollector)]
struct Same {
    #[metric]
    a: u64,
    #[metric]
    b: i64,
    #[metric]
    c: f64,
    #[metric(up_down_counter)]
    d: Option<u32>,
    #[metric(flatten)]
    inner: Inner,
    #[metric(flatten(key = "n"))]
    many: [Inner2; 2],
}

#[derive(Clone, Default, MetricCollector)]
struct Inner {
    #[metric]
    e: u64,
}

#[derive(Clone, Copy, Default, MetricCollector)]
struct Inner2 {
    #[metric]
    f: u64,
}

fn same(n: u32) -> Same {
    Same {
        a: n.into(),
        b: n.into(),
        c: n.into(),
        d: Some(n),
        inner: Inner { e: n.into() },
        many: [Inner2 { f: n.into() }; 2],
    }
}

/// Fails if the points of a member differ. Returns how many points there were.
fn assert_whole(points: &Points, members: &[&str]) -> usize {
    for member in members {
        let of_member = |name| points.value(name, "member", member);
        let first = of_member("same.b");
        for name in ["same.a", "same.c", "same.d", "inner.e", "inner2.f"] {
            let value = of_member(name);
            assert!(
                value == first || name == "same.a" && value.is_none(),
                "torn: {points:?}"
            );
        }
    }
    points.0.len()
}

/// Runs `collect` many times while every member is set all the time.
fn while_writing(family: &Family<Same>, collect: impl FnMut(&[&str])) {
    let names = ["x", "y", "z"];
    let members = names.map(|name| {
        let member = family.member([KeyValue::new("member", name)]);
        member.set(same(0));
        member
    });
    let stop = AtomicBool::new(false);
    let mut collect = collect;
    thread::scope(|scope| {
        for member in &members {
            scope.spawn(|| {
                for n in (0..u32::MAX).take_while(|_| !stop.load(Ordering::Relaxed)) {
                    if n % 7 == 0 {
                        member.update(|value| *value = same(n));
                    } else {
                        member.set(same(n));
                    }
                }
            });
        }
        // The writers must end also if the check fails, or the test would hang instead of failing.
        let _stop = StopOnDrop(&stop);
        for _ in 0..2000 {
            collect(&names);
        }
    });
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_collection_is_never_torn_by_concurrent_writers() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::<Same>::new();
    let mut points = 0;
    while_writing(&family, |members| {
        points = assert_whole(&reader.collect(), members);
    });
    assert_eq!(points, 7 * 3);
}

#[test]
fn a_view_that_drops_the_first_instrument_changes_nothing_for_the_others() {
    let reader = Reader::default();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(dropping("same.a"))
        .build();
    let family = Family::new();
    family.register(&provider.meter("test")).expect("fresh");
    let mut points = 0;
    while_writing(&family, |members| {
        let collected = reader.collect();
        assert_eq!(collected.named("same.a").count(), 0);
        points = assert_whole(&collected, members);
    });
    assert_eq!(points, 6 * 3);
}

#[test]
fn two_providers_each_collect_whole_and_fresh_snapshots() {
    let readers = [Reader::default(), Reader::default()];
    let family = Family::new();
    let providers = readers.clone().map(|reader| {
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        family.register(&provider.meter("test")).expect("fresh");
        provider
    });
    while_writing(&family, |members| {
        for reader in &readers {
            assert_eq!(assert_whole(&reader.collect(), members), 7 * 3);
        }
    });
    drop(providers);
}

#[test]
fn two_providers_may_collect_at_the_same_time() {
    let readers = [Reader::default(), Reader::default()];
    let family = Family::new();
    let providers = readers.clone().map(|reader| {
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        family.register(&provider.meter("test")).expect("fresh");
        provider
    });
    let [here, there] = readers;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert_whole(&there.collect(), &["x", "y", "z"]);
            }
        });
        while_writing(&family, |members| {
            assert_whole(&here.collect(), members);
        });
    });
    drop(providers);
}

#[test]
fn a_reader_that_collects_during_the_registration_sees_whole_snapshots_from_then_on() {
    for _ in 0..1000 {
        let reader = Reader::default();
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .build();
        let meter = provider.meter("test");
        let family = Family::<Same>::new();
        let member = family.member([KeyValue::new("member", "x")]);
        member.set(same(0));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let _stop = StopOnDrop(&stop);
            let collecting = scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    reader.collect();
                }
                // On the thread that has collected all along.
                for n in 1..4 {
                    member.set(same(n));
                    let points = reader.collect();
                    assert_eq!(assert_whole(&points, &["x"]), 7);
                    assert_eq!(points.values("same.b"), [f64::from(n)]);
                }
                member.clear();
                assert!(reader.collect().is_empty());
            });
            family.register(&meter).expect("fresh");
            stop.store(true, Ordering::Relaxed);
            collecting.join().expect("no panic while collecting");
        });
    }
}

/// With two readers on one provider the SDK writes each observation into the aggregators of both,
/// so what a reader exports may be of two collections (see `sdk_facts.rs`). That the callbacks do
/// not tear each other is shown in `epochs.rs`; here: no deadlock, no panic, all metrics present.
#[test]
fn two_readers_of_one_provider_may_collect_at_the_same_time() {
    let readers = [Reader::default(), Reader::default()];
    let [first, second] = readers.clone();
    let provider = SdkMeterProvider::builder()
        .with_reader(first)
        .with_reader(second)
        .build();
    let family = Family::<Same>::new();
    family.register(&provider.meter("test")).expect("fresh");
    let member = family.member([]);
    member.set(same(0));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        scope.spawn(|| {
            for n in (0..u32::MAX).take_while(|_| !stop.load(Ordering::Relaxed)) {
                member.set(same(n));
            }
        });
        let collecting = readers.map(|reader| {
            scope.spawn(move || {
                for _ in 0..2000 {
                    assert_eq!(reader.collect().0.len(), 7);
                }
            })
        });
        for thread in collecting {
            thread.join().expect("no panic while collecting");
        }
    });
}

#[test]
fn a_reader_may_collect_on_another_thread_each_time() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::<Same>::new();
    let member = family.member([KeyValue::new("member", "x")]);
    for n in 0..100 {
        member.set(same(n));
        let points = thread::scope(|scope| {
            let collecting = scope.spawn(|| reader.collect());
            collecting.join().expect("no panic while collecting")
        });
        assert_eq!(points.values("same.b"), [f64::from(n)]);
        assert_whole(&points, &["x"]);
    }
}
