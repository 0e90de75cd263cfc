//! `testing::observe` says what a family would report.

use std::collections::BTreeMap;

use metric_core::{DropReason, MetricCollector, MetricState, testing};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, MetricState)]
enum Kind {
    Known,
    Unknown(u8),
}

#[derive(MetricCollector)]
struct Item {
    #[metric]
    count: f64,
}

#[derive(MetricCollector)]
struct Stock {
    #[metric(flatten(key = "kind"))]
    items: BTreeMap<Kind, Item>,
}

fn stock<const N: usize>(items: [(Kind, f64); N]) -> Stock {
    let items = items.map(|(kind, count)| (kind, Item { count }));
    Stock {
        items: items.into(),
    }
}

#[test]
fn a_series_that_is_reported_twice_and_a_value_that_cannot_be_are_told() {
    let points = testing::observe(&stock([
        (Kind::Known, f64::NAN),
        (Kind::Unknown(1), 1.0),
        (Kind::Unknown(2), 2.0),
    ]));
    assert_eq!(points.to_string(), "item.count{kind=unknown} 1\n");
    let dropped: Vec<_> = points.dropped().iter().map(|(_, reason)| *reason).collect();
    assert_eq!(dropped, [DropReason::NotFinite, DropReason::Duplicate]);
}

#[test]
fn values_are_found_by_name_and_attributes_and_compare_with_any_number() {
    let points = testing::observe(&stock([(Kind::Known, 5.0), (Kind::Unknown(1), 6.5)]));
    assert_eq!(
        points.value_with("item.count", &[("kind", "known")]),
        Some(5.into())
    );
    assert_eq!(
        points.value_with("item.count", &[("kind", "unknown")]),
        Some(6.5.into())
    );
    assert_eq!(points.value_with("item.count", &[("kind", "other")]), None);
    assert_eq!(points.value("item.other"), None);
    assert_eq!(points.iter().count(), 2);
}

#[test]
#[should_panic(expected = "2 points of `item.count`")]
fn a_value_that_is_not_the_only_one_is_not_chosen_by_chance() {
    let points = testing::observe(&stock([(Kind::Known, 5.0), (Kind::Unknown(1), 6.5)]));
    let _ = points.value("item.count");
}
