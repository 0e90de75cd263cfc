//! The observer's metrics of its own work.

use std::time::{Duration, SystemTime};

use tesla_observer::fetch::RequestDone;
use tesla_observer::model::{Unread, UnreadReason};
use tesla_observer::telemetry::{Otlp, Own, Protocol, TemporalityPreference};

use crate::receiver::{self, Point};
use crate::{PATIENCE, metrics_to, otlp, start};

pub(crate) fn work(own: &Own) {
    let request = |status, error| RequestDone {
        method: "GET",
        route: "/api/1/vehicles/{id}/vehicle_data",
        host: "owner-api.example".to_owned(),
        port: Some(443),
        status,
        error,
        duration: Duration::from_millis(250),
    };
    own.request_done(&request(Some(200), None));
    own.request_done(&request(Some(200), None));
    own.request_done(&request(Some(408), None));
    own.request_done(&request(None, Some("timeout")));
    own.cycle_done("ok", Duration::from_millis(500));
    own.cycle_done("ok", Duration::from_millis(250));
    own.cycle_done("rate_limited", Duration::from_millis(125));
    let unread = |reason| Unread {
        field: "charge_state.x".to_owned(),
        reason,
    };
    own.unread(&[
        unread(UnreadReason::WrongType),
        unread(UnreadReason::UnknownField),
        unread(UnreadReason::UnknownField),
    ]);
    let now = SystemTime::now();
    let hour = Duration::from_secs(3600);
    own.token(Some(now - hour), Some(now + 7 * hour));
    own.vehicles([("online", 2), ("asleep", 1)]);
    own.vehicles([("online", 3)]);
}

fn line(point: &Point) -> String {
    let Point {
        name,
        unit,
        attributes,
        value,
        ..
    } = point;
    let attributes: Vec<String> = attributes
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("{name} [{unit}] {{{}}} {value}", attributes.join(","))
}

#[tokio::test]
async fn own_metrics_arrive_at_the_interval_and_at_the_end() {
    let receiver = receiver::http().await;
    let url = receiver.url("/v1/metrics");
    let mut settings = metrics_to([otlp("otlp", Protocol::HttpProtobuf, &url)]);
    settings.own_interval = Duration::from_millis(100);
    let telemetry = start(settings);
    work(telemetry.own());
    receiver.requests(2).await; // the interval's
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");

    let requests = receiver.requests(3).await;
    let (_, last) = requests.last().expect("three at least");
    let points = receiver::points(last);
    let lines: Vec<String> = points.iter().map(line).collect();
    let route = "server.address=owner-api.example,server.port=443,url.template=/api/1/vehicles/{id}/vehicle_data";
    for expected in [
        format!(
            "http.client.request.duration [s] {{http.request.method=GET,http.response.status_code=200,{route}}} 0.5 in 2"
        ),
        format!(
            "http.client.request.duration [s] {{error.type=408,http.request.method=GET,http.response.status_code=408,{route}}} 0.25 in 1"
        ),
        format!(
            "http.client.request.duration [s] {{error.type=timeout,http.request.method=GET,{route}}} 0.25 in 1"
        ),
        "observer.cycles [{cycle}] {outcome=ok} 2".to_owned(),
        "observer.cycles [{cycle}] {outcome=rate_limited} 1".to_owned(),
        "observer.cycle.duration [s] {outcome=ok} 0.75 in 2".to_owned(),
        "observer.fields.unread [{field}] {reason=unknown_field} 2".to_owned(),
        "observer.fields.unread [{field}] {reason=wrong_type} 1".to_owned(),
        "observer.vehicles [{vehicle}] {availability=asleep} 0".to_owned(),
        "observer.vehicles [{vehicle}] {availability=online} 3".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected} is not in {lines:#?}");
    }
    let number = |name: &str| -> f64 {
        let point = points.iter().find(|own| own.name == name);
        point.expect(name).value.parse().expect("a number")
    };
    assert!((3600.0..3700.0).contains(&number("observer.token.age")));
    assert!((25_100.0..25_200.0).contains(&number("observer.token.expires_in")));
    assert!(number("observer.exports") >= 2.0);
    assert!(number("process.uptime") >= 0.0);
    if cfg!(target_os = "linux") {
        assert!(number("process.memory.usage") > 1e6);
    }
}

#[tokio::test]
async fn each_destination_gets_the_temporality_that_it_wants() {
    let (cumulative, delta) = (receiver::http().await, receiver::http().await);
    let wants = |name: &str, receiver: &receiver::Receiver, temporality| Otlp {
        temporality,
        ..otlp(name, Protocol::HttpProtobuf, &receiver.url("/v1/metrics"))
    };
    let mut settings = metrics_to([
        wants("cumulative", &cumulative, TemporalityPreference::Cumulative),
        wants("delta", &delta, TemporalityPreference::Delta),
    ]);
    settings.own_interval = Duration::from_millis(100);
    let telemetry = start(settings);
    telemetry.own().cycle_done("ok", Duration::from_secs(1));
    for receiver in [&cumulative, &delta] {
        receiver.requests(1).await;
    }
    telemetry.own().cycle_done("ok", Duration::from_secs(1));
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let cycles = |receiver: &receiver::Receiver| {
        let points = receiver.points().into_iter();
        let own = points.filter(|own| own.name == "observer.cycle.duration");
        own.collect::<Vec<_>>()
    };
    let last = cycles(&cumulative).pop().expect("a point");
    assert_eq!(last.value, "2 in 2");
    assert!(last.kind.ends_with("temporality 2"), "{}", last.kind);
    let deltas = cycles(&delta);
    assert!(deltas.iter().all(|own| own.kind.ends_with("temporality 1")));
    let values: Vec<_> = deltas.iter().map(|own| own.value.as_str()).collect();
    assert_eq!(values, ["1 in 1", "1 in 1"]);
}
