//! A family against a model: after any sequence of operations, a collection reports what
//! `testing::observe` says of the live members' latest values, and nothing else.

use std::collections::BTreeMap;

use metric_core::opentelemetry::KeyValue;
use metric_core::{Family, Member, MetricCollector, MetricState, testing};
use metric_tests::bare::Callbacks;
use metric_tests::{Point, Points};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, MetricState)]
enum Gear {
    Park,
    Drive,
}

#[derive(Clone, Debug, Default, MetricCollector)]
struct Car {
    #[metric(attribute)]
    place: Option<String>,
    #[metric]
    level: Option<i64>,
    #[metric(counter)]
    distance: f64,
    #[metric]
    gear: Option<Gear>,
    #[metric(info)]
    version: Option<u8>,
    #[metric(flatten)]
    climate: Option<Climate>,
    #[metric(flatten(key = "seat"))]
    seats: BTreeMap<u8, Seat>,
}

#[derive(Clone, Debug, Default, MetricCollector)]
struct Climate {
    #[metric(attribute)]
    mode: bool,
    #[metric]
    inside: f64,
}

#[derive(Clone, Debug, Default, MetricCollector)]
struct Seat {
    #[metric]
    heat: Option<u8>,
    #[metric(flatten(key = "belt"))]
    belts: Vec<Belt>,
}

#[derive(Clone, Debug, Default, MetricCollector)]
struct Belt {
    #[metric]
    closed: bool,
}

#[derive(Clone, Debug)]
enum Operation {
    Add,
    Set(usize, Car),
    Level(usize, Option<i64>),
    Clear(usize),
    Drop(usize),
    Collect,
}

fn car() -> impl Strategy<Value = Car> {
    let place = prop::option::of("[ab]");
    let level = prop::option::of(-5..5_i64);
    // Some of these make no point, and are dropped.
    let distance = prop_oneof![Just(-1.0), Just(f64::NAN), 0.0..10.0];
    let gear = prop::option::of(prop_oneof![Just(Gear::Park), Just(Gear::Drive)]);
    let climate = prop::option::of(
        (any::<bool>(), 0.0..30.0).prop_map(|(mode, inside)| Climate { mode, inside }),
    );
    let belts = vec(any::<bool>().prop_map(|closed| Belt { closed }), 0..3);
    let seat = (prop::option::of(0..3_u8), belts).prop_map(|(heat, belts)| Seat { heat, belts });
    let seats = btree_map(0..4_u8, seat, 0..3);
    (
        place,
        level,
        distance,
        gear,
        prop::option::of(0..2_u8),
        climate,
        seats,
    )
        .prop_map(
            |(place, level, distance, gear, version, climate, seats)| Car {
                place,
                level,
                distance,
                gear,
                version,
                climate,
                seats,
            },
        )
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        2 => Just(Operation::Add),
        6 => (any::<usize>(), car()).prop_map(|(member, car)| Operation::Set(member, car)),
        2 => (any::<usize>(), prop::option::of(0..9_i64))
            .prop_map(|(member, level)| Operation::Level(member, level)),
        1 => any::<usize>().prop_map(Operation::Clear),
        1 => any::<usize>().prop_map(Operation::Drop),
        4 => Just(Operation::Collect),
    ]
}

/// What a collection must report of the members.
fn expected(members: &BTreeMap<usize, (Member<Car>, Option<Car>)>) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, (_, car)) in members {
        let Some(car) = car else { continue };
        for point in testing::observe(car).iter() {
            let attributes = point.attributes.iter();
            let mut attributes: BTreeMap<String, String> = attributes
                .map(|own| (own.key.to_string(), own.value.to_string()))
                .collect();
            attributes.insert("id".to_owned(), id.to_string());
            lines.push(format!(
                "{} {attributes:?} {}",
                point.name,
                point.value.as_f64()
            ));
        }
    }
    lines.sort();
    lines
}

fn reported(points: &Points) -> Vec<String> {
    let line = |point: &Point| format!("{} {:?} {}", point.name, point.attributes, point.value);
    let mut lines: Vec<_> = points.0.iter().map(line).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_collection_reports_the_latest_values_of_the_live_members_and_nothing_else(
        operations in vec(operation(), 1..60)
    ) {
        let family = Family::<Car>::new();
        let (callbacks, meter) = Callbacks::new();
        family.register(&meter).expect("fresh");
        let mut members: BTreeMap<usize, (Member<Car>, Option<Car>)> = BTreeMap::new();
        let mut next = 0;
        for operation in operations {
            let pick = |member: usize| members.keys().nth(member % members.len().max(1)).copied();
            match operation {
                Operation::Add => {
                    let member = family.member([KeyValue::new("id", next as i64)]);
                    members.insert(next, (member, None));
                    next += 1;
                }
                Operation::Set(member, car) => {
                    if let Some((member, latest)) = pick(member).and_then(|id| members.get_mut(&id)) {
                        member.set(car.clone());
                        *latest = Some(car);
                    }
                }
                Operation::Level(member, level) => {
                    if let Some((member, latest)) = pick(member).and_then(|id| members.get_mut(&id)) {
                        member.update(|car| car.level = level);
                        latest.get_or_insert_default().level = level;
                    }
                }
                Operation::Clear(member) => {
                    if let Some((member, latest)) = pick(member).and_then(|id| members.get_mut(&id)) {
                        member.clear();
                        *latest = None;
                    }
                }
                Operation::Drop(member) => {
                    if let Some(id) = pick(member) {
                        members.remove(&id);
                    }
                }
                Operation::Collect => {
                    prop_assert_eq!(reported(&callbacks.run()), expected(&members));
                }
            }
        }
        prop_assert_eq!(reported(&callbacks.run()), expected(&members));
        prop_assert_eq!(family.len(), members.len());
    }
}
