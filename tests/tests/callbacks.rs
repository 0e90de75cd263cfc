//! Promise 3: callbacks cannot hurt. User code that panics costs its own value. (What may happen in
//! the middle of a collection: `meanwhile.rs`.)

use std::thread;

use metric_core::opentelemetry::KeyValue;
use metric_core::{
    AttributeValue, DropReason, Family, KeyedCollectors, Measurement, Metric, MetricAttribute,
    MetricCollector, MetricValue, Observer, Schema, Shape,
};
use metric_tests::Rig;
use metric_tests::log::Log;
use metric_tests::meanwhile::{in_time, meanwhile, replace};

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
fn a_subscriber_that_panics_at_our_warnings_does_not_end_the_metrics() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    // One value panics, and one member reports what another does: both are told.
    let members = ["a", "b", "b"].map(|name| family.member([KeyValue::new("name", name)]));
    for (member, fragile) in members.iter().zip([-1, 1, 1]) {
        member.set(Fragile {
            before: 1,
            fragile,
            after: 2,
        });
    }
    for _ in 0..2 {
        let panics = Log(|_: &str| panic!("a subscriber that panics on purpose"));
        tracing::subscriber::with_default(panics, || reader.collect());
    }
    // All that is said is said; what is left is counted.
    for _ in 0..4 {
        reader.collect();
    }
    let points = reader.collect();
    assert_eq!(points.values("fragile.fragile"), [1.0]);
    assert_eq!(points.values("fragile.after"), [2.0, 2.0]);
    let reasons: Vec<_> = family
        .dropped()
        .iter()
        .map(|dropped| dropped.reason)
        .collect();
    assert!(reasons.contains(&DropReason::Duplicate), "{reasons:?}");
}
