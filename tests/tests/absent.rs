//! Promise 2: absent is absent, what cannot be reported is counted, nothing stale is reported.

use metric_core::opentelemetry::KeyValue;
use metric_core::{
    DropReason, Metric, MetricAttribute, MetricCollector, MetricValue, Observer, Schema,
};
use metric_tests::Rig;

#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(prefix = "car")]
struct Car {
    #[metric]
    level: Option<i64>,
    #[metric]
    power: f64,
    #[metric(counter)]
    distance: f64,
    #[metric]
    serial: u64,
    #[metric(up_down_counter)]
    balance: u64,
    #[metric]
    wide: i128,
}

fn whole() -> Car {
    Car {
        level: Some(72),
        power: 11.5,
        distance: 1000.25,
        serial: 7,
        balance: 8,
        wide: -9,
    }
}

fn rig() -> Rig<Car> {
    Rig::new()
}

#[test]
fn none_makes_no_point_and_is_not_counted_as_dropped() {
    let rig = rig();
    let car = rig.family.member([]);
    car.set(Car {
        level: None,
        ..whole()
    });
    let points = rig.reader.collect();
    assert!(points.values("car.level").is_empty());
    assert_eq!(points.0.len(), 5);
    assert!(rig.family.dropped().is_empty());
}

#[test]
fn what_cannot_be_reported_makes_no_point_is_counted_and_costs_nothing_else() {
    for (value, metric, reason) in [
        (
            Car {
                power: f64::NAN,
                ..whole()
            },
            "car.power",
            DropReason::NotFinite,
        ),
        (
            Car {
                power: f64::INFINITY,
                ..whole()
            },
            "car.power",
            DropReason::NotFinite,
        ),
        (
            Car {
                distance: f64::NEG_INFINITY,
                ..whole()
            },
            "car.distance",
            DropReason::NotFinite,
        ),
        (
            Car {
                distance: -1.0,
                ..whole()
            },
            "car.distance",
            DropReason::OutOfRange,
        ),
        (
            Car {
                serial: u64::MAX,
                ..whole()
            },
            "car.serial",
            DropReason::OutOfRange,
        ),
        (
            Car {
                balance: u64::MAX,
                ..whole()
            },
            "car.balance",
            DropReason::OutOfRange,
        ),
        (
            Car {
                wide: i128::MAX,
                ..whole()
            },
            "car.wide",
            DropReason::OutOfRange,
        ),
    ] {
        let rig = rig();
        let car = rig.family.member([]);
        car.set(whole());
        assert_eq!(rig.reader.collect().0.len(), 6);
        car.set(value.clone());
        for collections in 1..=2 {
            let points = rig.reader.collect();
            assert!(points.values(metric).is_empty(), "{value:?}: {points:?}");
            assert_eq!(points.0.len(), 5, "{value:?}: {points:?}");
            let dropped = rig.family.dropped();
            assert_eq!(dropped.len(), 1, "{dropped:?}");
            assert_eq!(dropped[0].metric.as_deref(), Some(metric));
            assert_eq!(dropped[0].reason, reason);
            assert_eq!(dropped[0].count, collections);
        }
    }
}

#[test]
fn the_largest_integers_that_otlp_can_carry_are_reported() {
    let rig = rig();
    let car = rig.family.member([]);
    car.set(Car {
        serial: i64::MAX as u64,
        ..whole()
    });
    assert_eq!(rig.reader.collect().values("car.serial"), [i64::MAX as f64]);
    assert!(rig.family.dropped().is_empty());
}

#[test]
fn clear_drop_and_none_end_the_series_at_the_next_collection() {
    let rig = rig();
    let cars = ["a", "b", "c"].map(|vin| rig.family.member([KeyValue::new("vin", vin)]));
    for car in &cars {
        car.set(whole());
    }
    assert_eq!(rig.reader.collect().values("car.level"), [72.0; 3]);
    let [a, b, c] = cars;

    a.clear();
    let points = rig.reader.collect();
    assert_eq!(points.value("car.level", "vin", "a"), None);
    assert_eq!(points.0.len(), 2 * 6);

    drop(b);
    let points = rig.reader.collect();
    assert_eq!(points.value("car.level", "vin", "b"), None);
    assert_eq!(points.0.len(), 6);

    c.update(|car| car.level = None);
    let points = rig.reader.collect();
    assert_eq!(points.value("car.level", "vin", "c"), None);
    assert_eq!(points.0.len(), 5);

    a.set(whole());
    assert_eq!(
        rig.reader.collect().value("car.level", "vin", "a"),
        Some(72.0)
    );
}

#[test]
fn a_member_reports_nothing_before_its_first_set() {
    let rig = rig();
    let car = rig.family.member([]);
    assert!(rig.reader.collect().is_empty());
    assert!(car.latest().is_none());
    car.update(|car| car.level = Some(1));
    assert_eq!(rig.reader.collect().values("car.level"), [1.0]);
    assert_eq!(car.latest().map(|car| car.level), Some(Some(1)));
}

#[test]
fn of_two_members_that_report_the_same_series_one_is_left_out_and_counted() {
    let rig = rig();
    let first = rig.family.member([KeyValue::new("vin", "a")]);
    let second = rig.family.member([KeyValue::new("vin", "a")]);
    first.set(whole());
    second.set(Car {
        level: Some(5),
        ..whole()
    });
    assert_eq!(rig.reader.collect().values("car.level"), [72.0]);
    let dropped = rig.family.dropped();
    assert_eq!(dropped.len(), 6, "each metric: {dropped:?}");
    assert!(
        dropped
            .iter()
            .all(|dropped| dropped.reason == DropReason::Duplicate)
    );

    // As soon as the first has gone, the second is reported.
    drop(first);
    assert_eq!(rig.reader.collect().values("car.level"), [5.0]);

    // A member that is replaced by one of the same attributes leaves no gap.
    let third = rig.family.member([KeyValue::new("vin", "a")]);
    third.set(whole());
    drop(second);
    assert_eq!(rig.reader.collect().values("car.level"), [72.0]);
    assert_eq!(rig.family.dropped(), dropped, "nothing more was dropped");
}

/// Members that differ only in what the data says.
#[derive(Clone, MetricCollector)]
struct Host {
    #[metric(attribute)]
    host: String,
    #[metric]
    load: f64,
}

#[test]
fn series_that_differ_by_their_data_only_are_no_duplicates_even_when_they_swap() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let host = |host: &str, load| Host {
        host: host.to_owned(),
        load,
    };
    let (a, b) = (family.member([]), family.member([]));
    a.set(host("x", 1.0));
    b.set(host("y", 2.0));
    reader.collect();
    a.set(host("y", 3.0));
    b.set(host("x", 4.0));
    let points = reader.collect();
    assert_eq!(points.value("host.load", "host", "x"), Some(4.0));
    assert_eq!(points.value("host.load", "host", "y"), Some(3.0));
    assert_eq!(points.0.len(), 2);
    assert!(family.dropped().is_empty());
}

#[test]
fn of_two_members_with_the_same_attributes_each_reports_what_the_other_does_not() {
    let rig = rig();
    let first = rig.family.member([KeyValue::new("vin", "a")]);
    let second = rig.family.member([KeyValue::new("vin", "a")]);
    first.set(Car {
        level: None,
        ..whole()
    });
    second.set(Car {
        level: Some(5),
        ..Car::default()
    });
    let points = rig.reader.collect();
    assert_eq!(points.values("car.level"), [5.0]);
    assert_eq!(points.values("car.power"), [11.5]);
    let dropped = rig.family.dropped();
    assert_eq!(dropped.len(), 5, "all but the level: {dropped:?}");
    assert!(
        dropped
            .iter()
            .all(|dropped| dropped.reason == DropReason::Duplicate)
    );
}

#[test]
fn an_attribute_that_is_not_a_number_is_still_one_series() {
    #[derive(MetricCollector)]
    struct Odd {
        #[metric(attribute)]
        kind: f64,
        #[metric]
        value: u8,
    }
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let members = [family.member([]), family.member([])];
    for member in &members {
        member.set(Odd {
            kind: f64::NAN,
            value: 1,
        });
    }
    assert_eq!(reader.collect().0.len(), 1);
    assert_eq!(family.dropped()[0].reason, DropReason::Duplicate);
}

#[test]
fn the_schemas_value_of_an_attribute_counts_and_the_conflict_is_told() {
    let Rig {
        reader,
        family,
        provider: _provider,
    } = Rig::new();
    let member = family.member([KeyValue::new("host", "member")]);
    member.set(Host {
        host: "data".to_owned(),
        load: 1.0,
    });
    assert_eq!(
        reader.collect().value("host.load", "host", "data"),
        Some(1.0)
    );
    let dropped = family.dropped();
    assert_eq!(dropped.len(), 1, "{dropped:?}");
    assert_eq!(dropped[0].reason, DropReason::AttributeConflict);
}

#[test]
fn a_member_can_be_given_other_attributes() {
    let rig = rig();
    let mut car = rig.family.member([KeyValue::new("name", "old")]);
    car.set(whole());
    rig.reader.collect();
    car.set_attributes([KeyValue::new("name", "new")]);
    assert!(rig.reader.collect().is_empty(), "the old series have ended");
    car.set(whole());
    let points = rig.reader.collect();
    assert_eq!(points.value("car.level", "name", "new"), Some(72.0));
    assert_eq!(points.0.len(), 6);
}

#[test]
fn of_two_entries_of_a_map_with_the_same_key_one_is_left_out_and_counted() {
    #[derive(MetricCollector)]
    struct Stock {
        #[metric(flatten(key = "kind"))]
        items: Vec<Item>,
    }

    #[derive(MetricCollector)]
    struct Item {
        #[metric]
        count: u8,
    }

    /// A collection that gives every second item the same key.
    struct Same(Vec<Item>);

    impl metric_core::KeyedCollectors for Same {
        type Collector = Item;

        fn each(&self, mut visit: impl FnMut(Option<metric_core::AttributeValue<'_>>, &Item)) {
            for (index, item) in self.0.iter().enumerate() {
                visit((index % 2 == 0).attribute(), item);
            }
        }
    }

    #[derive(MetricCollector)]
    struct SameStock {
        #[metric(flatten(key = "kind"))]
        items: Same,
    }

    let items = |last| (1..=last).map(|count| Item { count }).collect();
    let rig = Rig::new();
    let member = rig.family.member([]);
    member.set(Stock { items: items(3) });
    assert_eq!(rig.reader.collect().values("item.count"), [1.0, 2.0, 3.0]);

    let rig = Rig::new();
    let member = rig.family.member([]);
    let same = |last| SameStock {
        items: Same(items(last)),
    };
    // First without, so that nothing but the repetition is new when it comes.
    member.set(same(2));
    assert_eq!(rig.reader.collect().values("item.count"), [2.0, 1.0]);
    member.set(same(3));
    for collections in 1..=3 {
        let points = rig.reader.collect();
        assert_eq!(points.value("item.count", "kind", "true"), Some(1.0));
        assert_eq!(points.value("item.count", "kind", "false"), Some(2.0));
        let dropped = rig.family.dropped();
        assert_eq!(dropped[0].reason, DropReason::Duplicate);
        assert_eq!(dropped[0].count, collections);
    }
}

#[test]
fn of_a_metric_that_a_visitor_reports_twice_the_first_value_counts() {
    struct Twice;

    impl MetricCollector for Twice {
        const SCHEMA: &'static Schema = &Schema::new("Twice", file!(), line!())
            .with_metrics(&[Metric::gauge("twice.value", u8::SHAPE)]);

        fn observe<O: Observer + ?Sized>(&self, observer: &mut O) {
            observer.metric(0, 5_u8.measure());
            observer.metric(0, 6_u8.measure());
        }
    }

    let rig = Rig::new();
    let member = rig.family.member([KeyValue::new("vin", "a")]);
    member.set(Twice);
    for collections in 1..=2 {
        assert_eq!(rig.reader.collect().values("twice.value"), [5.0]);
        let dropped = rig.family.dropped();
        assert_eq!(
            (dropped[0].reason, dropped[0].count),
            (DropReason::Duplicate, collections)
        );
    }
}
