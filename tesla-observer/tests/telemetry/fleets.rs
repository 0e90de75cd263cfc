//! A report is exported once, however large the fleet.

use std::collections::BTreeMap;

use tesla_observer::telemetry::{FleetError, Protocol, Telemetry};

use crate::cars::{Car, Truck, Wheel, level, vin};
use crate::receiver::{self, Receiver};
use crate::{PATIENCE, metrics_to, otlp, settings, start};

async fn rig() -> (Telemetry, Receiver) {
    let receiver = receiver::http().await;
    let url = receiver.url("/v1/metrics");
    let telemetry = start(metrics_to([otlp("otlp", Protocol::HttpProtobuf, &url)]));
    (telemetry, receiver)
}

/// VIN and value of each point, in the order they came.
fn levels(receiver: &Receiver) -> Vec<(String, String)> {
    let points = receiver.car_points().into_iter();
    points
        .map(|own| (own.get("vin").to_owned(), own.value))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(vin, value): &(&str, &str)| (vin.to_string(), value.to_string());
    expected.iter().map(own).collect()
}

#[tokio::test]
async fn each_report_is_exported_exactly_once_whoever_else_reports() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let [a, b, c] = ["A", "B", "C"].map(|name| fleet.member(vin(name)));
    telemetry.report(vec![a.report(level(1))]).await;
    telemetry.report(vec![b.report(level(2))]).await;
    telemetry
        .report(vec![c.report(level(3)), a.report(level(4))])
        .await;
    telemetry.report(vec![b.report(level(2))]).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let mut got = levels(&receiver);
    got[2..4].sort(); // collected together, in no order
    let expected = [("A", "1"), ("B", "2"), ("A", "4"), ("C", "3"), ("B", "2")];
    assert_eq!(got, pairs(&expected));
    let times: Vec<u64> = receiver.car_points().iter().map(|own| own.time).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[tokio::test]
async fn two_reports_of_a_member_at_once_are_two_points_in_order() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let (a, b) = (fleet.member(vin("A")), fleet.member(vin("B")));
    let reports = vec![
        a.report(level(1)),
        a.report(level(2)),
        b.report(level(3)),
        a.report(level(4)),
    ];
    telemetry.report(reports).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let mut of_a = levels(&receiver);
    of_a.retain(|(vin, _)| vin == "A");
    assert_eq!(of_a, pairs(&[("A", "1"), ("A", "2"), ("A", "4")]));
    assert_eq!(levels(&receiver).len(), 4);
}

#[tokio::test]
async fn what_a_member_reported_before_it_was_dropped_is_exported() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let a = fleet.member(vin("A"));
    let report = a.report(level(1));
    drop(a);
    telemetry.report(vec![report]).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    assert_eq!(levels(&receiver), pairs(&[("A", "1")]));
}

#[tokio::test]
async fn other_attributes_hold_from_the_next_report_on() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let a = fleet.member(vin("A"));
    telemetry.report(vec![a.report(level(1))]).await;
    a.set_attributes(vin("renamed"));
    telemetry.report(vec![a.report(level(2))]).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    assert_eq!(levels(&receiver), pairs(&[("A", "1"), ("renamed", "2")]));
}

#[tokio::test]
async fn a_fleet_that_grows_loses_and_doubles_nothing() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let mut members = Vec::new();
    let mut expected = Vec::new();
    for size in [1, 16, 17, 100, 350] {
        while members.len() < size {
            members.push(fleet.member(vin(members.len())));
        }
        let reports = members.iter().enumerate();
        let reports = reports.map(|(n, own)| own.report(level((size * 1000 + n) as i64)));
        telemetry.report(reports.collect()).await;
        expected.extend((0..size).map(|n| (n.to_string(), (size * 1000 + n).to_string())));
    }
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let mut got = levels(&receiver);
    got.sort();
    expected.sort();
    assert_eq!(got, expected);
}

#[tokio::test]
async fn members_with_many_series_of_a_metric_lose_none() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Truck>().expect("the first");
    let trucks: Vec<_> = (0..12).map(|n| fleet.member(vin(n))).collect();
    let report = |(n, own): (usize, &tesla_observer::telemetry::FleetMember<Truck>)| {
        let wheel = |wheel| Wheel {
            pressure: (n * 100 + wheel) as f64,
        };
        own.report(Truck {
            wheels: (0..18).map(wheel).collect(),
        })
    };
    telemetry
        .report(trucks.iter().enumerate().map(report).collect())
        .await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let points = receiver.car_points();
    let got: BTreeMap<_, _> = points
        .iter()
        .map(|own| ((own.get("vin"), own.get("wheel")), own.value.as_str()))
        .collect();
    assert_eq!(points.len(), 12 * 18);
    assert_eq!(got.len(), 12 * 18);
    for ((vin, wheel), value) in got {
        let number = |text: &str| text.parse::<f64>().expect("a number");
        assert_eq!(number(value), number(vin) * 100.0 + number(wheel));
    }
}

#[tokio::test]
async fn reports_from_many_tasks_at_once_are_all_exported_once() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let tasks = (0..150).map(|n| {
        let (telemetry, member) = (telemetry.clone(), fleet.member(vin(n)));
        async move { telemetry.report(vec![member.report(level(n))]).await }
    });
    futures_util::future::join_all(tasks).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let mut got: Vec<i64> = levels(&receiver)
        .iter()
        .map(|(vin, value)| {
            assert_eq!(vin, value);
            value.parse().expect("a number")
        })
        .collect();
    got.sort_unstable();
    assert_eq!(got, (0..150).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_being_reported_when_it_ends_is_exported() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let members: Vec<_> = (0..350).map(|n| fleet.member(vin(n))).collect();
    let reports = members.iter().map(|own| own.report(level(1))).collect();
    let ((), ended) = tokio::join!(
        biased;
        telemetry.report(reports),
        telemetry.clone().shutdown(PATIENCE)
    );
    ended.expect("all is delivered");
    assert_eq!(levels(&receiver).len(), 350);
}

#[tokio::test]
async fn a_report_without_a_value_makes_no_request() {
    let (telemetry, receiver) = rig().await;
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let a = fleet.member(vin("A"));
    telemetry.report(vec![a.report(Car::default())]).await;
    telemetry.report(vec![]).await;
    telemetry.report(vec![a.report(level(1))]).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    // The last report's, and the observer's own metrics at the end.
    assert_eq!(receiver.count(), 2);
    assert_eq!(levels(&receiver), pairs(&[("A", "1")]));
}

#[tokio::test]
async fn a_second_fleet_of_one_type_is_refused() {
    let telemetry = start(settings());
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let refused = telemetry.fleet::<Car>();
    assert!(matches!(refused, Err(FleetError::Exists)));
    // Without any destination, reports go nowhere at once.
    telemetry
        .report(vec![fleet.member(vin("A")).report(level(1))])
        .await;
    telemetry.shutdown(PATIENCE).await.expect("nothing to lose");
}
