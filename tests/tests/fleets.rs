//! Promise 5: the number of members is bounded by memory only, and passing the SDK's cardinality
//! limit is never silent.

use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_core::{DropReason, Family, Member, MetricCollector, MetricState};
use metric_tests::{Points, Reader};
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

#[test]
fn two_thousand_members_need_no_view() {
    let reader = Reader::default();
    let family = Family::new();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .build();
    family.register(&provider.meter("test")).expect("fresh");
    let _cars = fleet(&family, 0, 1000);
    let points = reader.collect();
    assert_eq!(overflows(&points), 0);
    assert!(family.dropped().is_empty(), "{:?}", family.dropped());
}

#[test]
fn replacing_members_faster_than_the_limit_allows_is_counted() {
    let reader = Reader::default();
    let family = Family::new();
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .build();
    family.register(&provider.meter("test")).expect("fresh");
    let first = fleet(&family, 0, 900);
    assert_eq!(overflows(&reader.collect()), 0);
    drop(first);
    // The SDK still holds the places of those who left, which passes the limit of the two states.
    let _second = fleet(&family, 5000, 900);
    let points = reader.collect();
    assert!(
        overflows(&points) > 0,
        "the SDK now gives places back at once"
    );
    assert!(
        family
            .dropped()
            .iter()
            .all(|dropped| dropped.reason == DropReason::OverLimit)
            && !family.dropped().is_empty(),
        "{:?}",
        family.dropped()
    );
    // Once they are gone for good, there is room again.
    assert_eq!(overflows(&reader.collect()), 0);
}
