//! When a collection begins, callback by callback: the mechanism behind promise 1, on a meter that
//! runs callbacks as the test says.

use std::thread;

use metric_core::{Family, Member, MetricCollector};
use metric_tests::bare::Callbacks;

#[derive(Clone, Default, MetricCollector)]
struct Same {
    #[metric]
    a: u64,
    #[metric]
    b: u64,
    #[metric]
    c: u64,
}

fn set(member: &Member<Same>, n: u64) {
    member.set(Same { a: n, b: n, c: n });
}

fn value(callbacks: &Callbacks, index: usize) -> f64 {
    let points = callbacks.run_one(index).0;
    assert_eq!(points.len(), 1);
    points[0].value
}

fn elsewhere<R: Send>(run: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(run).join().expect("no panic"))
}

#[test]
fn a_set_between_two_callbacks_of_a_collection_shows_in_the_next_collection_only() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let member = family.member([]);
    for n in 0..10 {
        set(&member, n);
        let expected = n as f64;
        assert_eq!(value(&callbacks, 0), expected);
        set(&member, 1000 + n);
        assert_eq!(value(&callbacks, 1), expected);
        member.clear();
        assert_eq!(value(&callbacks, 2), expected);
    }
}

#[test]
fn any_subset_of_the_callbacks_begins_a_collection_when_it_comes_round() {
    for subset in [vec![1], vec![2], vec![0, 2], vec![1, 2], vec![2, 1, 0]] {
        let family = Family::new();
        let (callbacks, meter) = Callbacks::new();
        family.register(&meter).expect("fresh");
        let member = family.member([]);
        for n in 0..5 {
            set(&member, n);
            for &index in &subset {
                assert_eq!(value(&callbacks, index), n as f64, "{subset:?}");
                set(&member, 1000);
            }
        }
    }
}

#[test]
fn a_collection_on_another_thread_in_the_middle_of_one_does_not_tear_it() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    family.register(&meter).expect("fresh");
    let member = family.member([]);
    // Whole collections on other threads first, whose state could be taken over.
    for n in 0..3 {
        set(&member, n);
        assert_eq!(elsewhere(|| callbacks.run().values("same.c")), [n as f64]);
    }
    for n in 10..20 {
        set(&member, n);
        assert_eq!(value(&callbacks, 0), n as f64);
        set(&member, 100 + n);
        let other = elsewhere(|| callbacks.run());
        assert_eq!(other.values("same.a"), [(100 + n) as f64]);
        assert_eq!(value(&callbacks, 1), n as f64);
        elsewhere(|| callbacks.run_one(0));
        assert_eq!(value(&callbacks, 2), n as f64);
    }
}

#[test]
fn collections_of_two_meters_on_one_thread_do_not_disturb_each_other() {
    let family = Family::new();
    let (first, first_meter) = Callbacks::new();
    let (second, second_meter) = Callbacks::new();
    family.register(&first_meter).expect("fresh");
    family.register(&second_meter).expect("fresh");
    let member = family.member([]);
    for n in 0..5 {
        set(&member, n);
        assert_eq!(value(&first, 0), n as f64);
        set(&member, 100 + n);
        assert_eq!(value(&second, 0), (100 + n) as f64);
        assert_eq!(value(&first, 1), n as f64);
        assert_eq!(value(&second, 1), (100 + n) as f64);
        assert_eq!(value(&first, 2), n as f64);
        assert_eq!(value(&second, 2), (100 + n) as f64);
    }
}

#[test]
fn a_collection_that_runs_during_the_registration_does_not_shift_the_later_ones() {
    let family = Family::new();
    let (callbacks, meter) = Callbacks::new();
    let member = family.member([]);
    set(&member, 1);
    // Two callbacks of a collection run before the registration is done, the third one after it.
    callbacks.at(3, |callbacks| {
        assert!(callbacks.run_one(0).is_empty());
        assert!(callbacks.run_one(1).is_empty());
    });
    family.register(&meter).expect("fresh");
    assert!(
        callbacks.run_one(2).is_empty(),
        "a collection is whole or nothing"
    );
    for n in 2..10 {
        set(&member, n);
        let points = callbacks.run();
        let expected = [n as f64];
        assert_eq!(points.values("same.a"), expected);
        assert_eq!(points.values("same.b"), expected);
        assert_eq!(points.values("same.c"), expected);
    }
    member.clear();
    assert!(callbacks.run().is_empty());
}
