//! Promise 5: the number of members is bounded by memory only, and passing the SDK's cardinality
//! limit is never silent.

use std::sync::{Once, mpsc};

use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_core::{DropReason, Family, Member, MetricCollector, MetricState};
use metric_tests::log::Log;
use metric_tests::{Points, Reader, Rig};
use opentelemetry_sdk::metrics::SdkMeterProvider;

const FLEET: i64 = 10_000;

#[derive(Clone, Copy, Default, MetricState)]
enum Gear {
    #[default]
    Park,
    Drive,
}

#[derive(Clone, Default, MetricCollector)]
struct Car {
    #[metric]
    level: i64,
    #[metric(counter)]
    distance: f64,
    #[metric]
    gear: Gear,
}

fn fleet(family: &Family<Car>, from: i64, count: i64) -> Vec<Member<Car>> {
    (from..from + count)
        .map(|index| {
            let car = family.member([KeyValue::new("vin", index)]);
            car.set(Car {
                level: index,
                distance: index as f64,
                gear: Gear::Drive,
            });
            car
        })
        .collect()
}

fn overflows(points: &Points) -> usize {
    let overflow =
        |point: &&metric_tests::Point| point.attributes.contains_key("otel.metric.overflow");
    points.0.iter().filter(overflow).count()
}

#[test]
fn ten_thousand_members_are_all_reported_and_may_all_be_replaced_between_two_collections() {
    let reader = Reader::default();
    let family = Family::with_capacity(FLEET as usize);
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(family.view())
        .build();
    family.register(&provider.meter("test")).expect("fresh");
    for round in 0..3 {
        let cars = fleet(&family, round * FLEET, FLEET);
        let points = reader.collect();
        assert_eq!(overflows(&points), 0);
        let mut levels = points.values("car.level");
        levels.sort_by(f64::total_cmp);
        let expected = (round * FLEET..(round + 1) * FLEET).map(|index| index as f64);
        assert!(levels.into_iter().eq(expected), "round {round}");
        assert_eq!(points.values("car.distance").len(), FLEET as usize);
        assert_eq!(points.values("car.gear").len(), 2 * FLEET as usize);
        assert!(family.dropped().is_empty(), "{:?}", family.dropped());
        drop(cars);
    }
}

#[test]
fn passing_the_limit_without_a_view_is_counted_metric_by_metric() {
    let reader = Reader::default();
    // The capacity is declared, but the provider does not know of it.
    let family = Family::with_capacity(FLEET as usize);
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .build();
    family.register(&provider.meter("test")).expect("fresh");
    let _cars = fleet(&family, 0, 2001);
    let points = reader.collect();
    assert!(overflows(&points) > 0, "the SDK's limit has moved");
    let dropped = family.dropped();
    let level = dropped
        .iter()
        .find(|dropped| dropped.metric.as_deref() == Some("car.level"))
        .expect("counted");
    assert_eq!((level.reason, level.count), (DropReason::OverLimit, 1));
}

#[derive(Clone, Default, MetricCollector)]
struct Small {
    #[metric(attribute)]
    version: Option<u8>,
    #[metric]
    level: Option<u8>,
    #[metric(counter)]
    distance: Option<u64>,
}

/// A family without a view, so that the limit is the SDK's.
struct WithoutView(Rig<Small>);

fn rig() -> WithoutView {
    // Somebody listens all the time. Otherwise what one test logs first, with nobody to hear it, can be
    // noted as of no interest while another test's listener comes.
    static LISTENED: Once = Once::new();
    LISTENED.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Log(|_: &str| ()));
    });
    WithoutView(Rig::new())
}

impl WithoutView {
    fn members(&self, from: i64, count: i64, value: &Small) -> Vec<Member<Small>> {
        (from..from + count)
            .map(|index| {
                let member = self.0.family.member([KeyValue::new("vin", index)]);
                member.set(value.clone());
                member
            })
            .collect()
    }

    /// How many points were over the limit, as the family tells.
    fn over_limit(&self) -> u64 {
        let dropped = self.0.family.dropped();
        let of = |reason| move |dropped: &&metric_core::Dropped| dropped.reason == reason;
        dropped
            .iter()
            .filter(of(DropReason::OverLimit))
            .map(|dropped| dropped.count)
            .sum()
    }
}

fn level(version: u8) -> Small {
    Small {
        version: Some(version),
        level: Some(1),
        distance: None,
    }
}

#[test]
fn two_thousand_members_need_no_view() {
    let rig = rig();
    let _members = rig.members(0, 2000, &level(1));
    // A series without any attribute takes no place.
    let bare = rig.0.family.member([]);
    bare.set(Small {
        version: None,
        ..level(1)
    });
    assert_eq!(overflows(&rig.0.reader.collect()), 0);
    assert!(
        rig.0.family.dropped().is_empty(),
        "{:?}",
        rig.0.family.dropped()
    );
}

#[test]
fn series_that_change_all_at_once_are_counted_where_the_sdk_has_no_place_for_them() {
    // Whether members leave, an attribute changes, or values come and go: the SDK still holds the
    // places of a gauge's series that have gone.
    let rig = rig();
    let members = rig.members(0, 1200, &level(1));
    let others = rig.members(5000, 1200, &Small::default());
    assert_eq!(overflows(&rig.0.reader.collect()), 0);
    assert_eq!(rig.over_limit(), 0);

    for member in &members {
        member.set(level(2));
    }
    assert_eq!(overflows(&rig.0.reader.collect()), 1);
    assert_eq!(rig.over_limit(), 400, "an attribute changed");

    rig.0.reader.collect();
    for (member, other) in members.iter().zip(&others) {
        member.set(Small::default());
        other.set(level(2));
    }
    assert_eq!(overflows(&rig.0.reader.collect()), 1);
    assert_eq!(rig.over_limit(), 800, "values came and went");

    rig.0.reader.collect();
    drop(others);
    let _others = rig.members(10_000, 1200, &level(2));
    assert_eq!(overflows(&rig.0.reader.collect()), 1);
    assert_eq!(rig.over_limit(), 1200, "members left and came");

    // Once they are gone for good, there is room again.
    assert_eq!(overflows(&rig.0.reader.collect()), 0);
    assert_eq!(rig.over_limit(), 1200);
}

#[test]
fn what_the_sdk_has_a_place_for_is_not_counted() {
    // A counter's places are given back at once.
    let rig = rig();
    let distance = Small {
        distance: Some(1),
        ..Small::default()
    };
    let members = rig.members(0, 1900, &distance);
    rig.0.reader.collect();
    drop(members);
    let _members = rig.members(5000, 1900, &distance);
    let points = rig.0.reader.collect();
    assert_eq!((points.0.len(), overflows(&points)), (1900, 0));

    // What is left out as a duplicate takes none.
    let _same = rig.members(5000, 1900, &distance);
    let points = rig.0.reader.collect();
    assert_eq!((points.0.len(), overflows(&points)), (1900, 0));
    assert_eq!(rig.over_limit(), 0);
}

#[test]
fn passing_the_limit_is_logged_once_for_each_metric() {
    let rig = rig();
    let _members = rig.members(0, 2100, &level(1));
    let (said, says) = mpsc::channel();
    let log = Log(move |text: &str| said.send(text.to_owned()).expect("the test listens"));
    tracing::subscriber::with_default(log, || {
        rig.0.reader.collect();
        rig.0.reader.collect();
    });
    let says: Vec<String> = says.iter().collect();
    assert_eq!(says.len(), 1, "{says:?}");
    for part in ["small.level", "cardinality limit", "Family::dropped"] {
        assert!(says[0].contains(part), "{says:?}");
    }
    assert_eq!(rig.over_limit(), 200);
}
