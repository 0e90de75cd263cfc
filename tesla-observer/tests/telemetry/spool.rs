//! What waits on disk: nothing is lost when a receiver is away, whatever happens in the meantime.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use opentelemetry::KeyValue;
use tempfile::TempDir;
use tesla_observer::telemetry::{
    self, Compression, Destination, Fleet, Otlp, Protocol, Settings, Telemetry, read_segment,
};
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt;

use crate::cars::{Car, level};
use crate::delivery::{Log, counted, report};
use crate::receiver::{self, Answer, Got, Receiver};
use crate::{PATIENCE, metrics_to, otlp, settings, start, to};

/// Somebody who is away is given up soon.
const SOON: Duration = Duration::from_millis(300);

const EVERY_WAY: [(Protocol, Option<Compression>); 6] = [
    (Protocol::HttpProtobuf, None),
    (Protocol::HttpProtobuf, Some(Compression::Gzip)),
    (Protocol::HttpJson, None),
    (Protocol::HttpJson, Some(Compression::Gzip)),
    (Protocol::Grpc, None),
    (Protocol::Grpc, Some(Compression::Gzip)),
];

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub(crate) fn spooled(settings: Settings, folder: &TempDir) -> Settings {
    Settings {
        spool: Some(telemetry::Spool {
            directory: folder.path().join("spool"),
            max: 64 << 20,
        }),
        ..settings
    }
}

/// An address where nobody is.
pub(crate) async fn nobody() -> SocketAddr {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    place.local_addr().expect("it is bound")
}

/// Somebody is there.
pub(crate) async fn back(address: SocketAddr, protocol: Protocol) -> Receiver {
    let place = TcpListener::bind(address)
        .await
        .expect("nobody else took it");
    match protocol {
        Protocol::Grpc => receiver::grpc_on(place).await,
        _ => receiver::http_on(place).await,
    }
}

pub(crate) fn away(address: SocketAddr, protocol: Protocol, path: &str) -> Otlp {
    let path = match protocol {
        Protocol::Grpc => "",
        _ => path,
    };
    otlp("away", protocol, &format!("http://{address}{path}"))
}

pub(crate) fn values(receiver: &Receiver) -> Vec<String> {
    let points = receiver.car_points().into_iter();
    points.map(|point| point.value).collect()
}

/// The segments of a destination's signal.
pub(crate) fn segments(folder: &TempDir, owner: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.path().join("spool").join(owner));
    let paths = files.into_iter().flatten().flatten().map(|own| own.path());
    let mut segments: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|own| own == "segment"))
        .collect();
    segments.sort();
    segments
}

/// The requests in them.
pub(crate) fn on_disk(folder: &TempDir, owner: &str) -> usize {
    let read = |path: &PathBuf| read_segment(&fs::read(path).expect("it is there")).len();
    segments(folder, owner).iter().map(read).sum()
}

/// Reports these values to nobody, and ends.
pub(crate) async fn in_vain(
    settings: Settings,
    values: std::ops::Range<i64>,
) -> telemetry::ShutdownError {
    let telemetry = start(settings);
    let fleet = telemetry.fleet::<Car>().expect("the first");
    for value in values {
        report(&telemetry, &fleet, value).await;
    }
    let ended = telemetry.shutdown(SOON).await;
    ended.expect_err("nobody is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_delivered_is_delivered_after_a_restart_over_every_protocol() {
    for (protocol, compression) in EVERY_WAY {
        let folder = folder();
        let address = nobody().await;
        let destination = Otlp {
            compression,
            ..away(address, protocol, "/v1/metrics")
        };
        let settings = spooled(metrics_to([destination]), &folder);
        let before = std::time::SystemTime::now();
        let left = in_vain(settings.clone(), 0..3).await;
        let after = std::time::SystemTime::now();
        assert!(left.lost.is_empty(), "{left}");
        // The last one is the observer's own metrics.
        assert_eq!(left.waiting[0].requests, 4);
        let said = left.to_string();
        let expected = "4 requests with metrics for away (in ";
        assert!(
            said.contains(expected) && said.contains("sent at the next start"),
            "{said}"
        );

        let receiver = back(address, protocol).await;
        let telemetry = start(settings);
        let fleet = telemetry.fleet::<Car>().expect("the first");
        report(&telemetry, &fleet, 3).await;
        telemetry.shutdown(PATIENCE).await.expect("it is back");
        assert_eq!(values(&receiver), ["0", "1", "2", "3"], "{protocol:?}");
        let nanos = |time: std::time::SystemTime| {
            let since = time.duration_since(std::time::UNIX_EPOCH);
            u64::try_from(since.expect("after 1970").as_nanos()).expect("before 2554")
        };
        let collected = nanos(before)..=nanos(after);
        for point in &receiver.car_points()[..3] {
            assert!(collected.contains(&point.time), "its own time");
        }
        assert!(segments(&folder, "away.metrics").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_and_logs_wait_as_metrics_do() {
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        let folder = folder();
        let address = nobody().await;
        let with = |path| vec![to(away(address, protocol, path))];
        let settings = spooled(
            Settings {
                traces: with("/v1/traces"),
                logs: with("/v1/logs"),
                ..settings()
            },
            &folder,
        );
        let telemetry = start(settings.clone());
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("cycle").in_scope(|| tracing::warn!("it sleeps"));
        });
        let left = telemetry.shutdown(SOON).await.expect_err("nobody is there");
        let signals: Vec<_> = left.waiting.iter().map(|own| own.signal).collect();
        assert_eq!(signals, ["traces", "logs"]);
        assert!(left.lost.is_empty(), "{left}");

        let receiver = back(address, protocol).await;
        let telemetry = start(settings);
        telemetry.shutdown(PATIENCE).await.expect("it is back");
        let got = receiver.requests(2).await;
        assert_eq!(got.len(), 2, "each once: {got:?}");
        for (_, got) in got {
            let said = format!("{got:?}");
            match got {
                Got::Traces(_) => assert!(said.contains("cycle"), "{said}"),
                _ => assert!(said.contains("it sleeps"), "{said}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_in_the_protocol_that_is_spoken_now() {
    for (protocol, compression) in EVERY_WAY {
        for (spoken, compressed) in EVERY_WAY {
            let folder = folder();
            let first = Otlp {
                compression,
                ..away(nobody().await, protocol, "/v1/metrics")
            };
            in_vain(spooled(metrics_to([first]), &folder), 7..8).await;
            let address = nobody().await;
            let receiver = back(address, spoken).await;
            let second = Otlp {
                compression: compressed,
                ..away(address, spoken, "/v1/metrics")
            };
            let telemetry = start(spooled(metrics_to([second]), &folder));
            telemetry.shutdown(PATIENCE).await.expect("it is there");
            assert_eq!(values(&receiver), ["7"], "{protocol:?} {spoken:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_on_disk_when_it_is_sent_and_not_any_more_when_it_is_accepted() {
    let folder = folder();
    let receiver = receiver::http().await;
    receiver.answer(Answer::Hang);
    let destination = Otlp {
        timeout: Duration::from_millis(500),
        ..otlp("otlp", Protocol::HttpProtobuf, &receiver.url("/v1/metrics"))
    };
    let telemetry = start(spooled(metrics_to([destination]), &folder));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    report(&telemetry, &fleet, 1).await;
    receiver.requests(1).await;
    assert_eq!(on_disk(&folder, "otlp.metrics"), 1);
    receiver.answer(Answer::Accept);
    receiver.requests(2).await;
    while on_disk(&folder, "otlp.metrics") > 0 {
        receiver::settle().await;
    }
    telemetry.shutdown(PATIENCE).await.expect("it accepts");
    assert_eq!(values(&receiver), ["1", "1"]);
}

/// A destination that hangs, and a healthy one that is told what becomes of it.
async fn beside_a_healthy_one(folder: &TempDir) -> (Telemetry, Fleet<Car>, Receiver, Receiver) {
    let (sick, healthy) = (receiver::http().await, receiver::http().await);
    sick.answer(Answer::Hang);
    let to = |name, receiver: &Receiver| {
        otlp(name, Protocol::HttpProtobuf, &receiver.url("/v1/metrics"))
    };
    let settings = metrics_to([to("sick", &sick), to("healthy", &healthy)]);
    let telemetry = start(spooled(settings, folder));
    let fleet = telemetry.fleet().expect("the first");
    (telemetry, fleet, sick, healthy)
}

#[tokio::test(flavor = "multi_thread")]
async fn destinations_wait_independently_and_what_waits_is_measured() {
    let folder = folder();
    let (telemetry, fleet, sick, healthy) = beside_a_healthy_one(&folder).await;
    for value in 0..20 {
        report(&telemetry, &fleet, value).await;
    }
    healthy.requests(20).await;
    assert!(sick.count() <= 1);
    assert_eq!(on_disk(&folder, "sick.metrics"), 20);
    let left = telemetry.shutdown(SOON).await.expect_err("one hangs");
    assert_eq!((left.lost.len(), left.waiting.len()), (0, 1), "{left}");
    assert_eq!(left.waiting[0].destination, "sick");
    let points = healthy.points();
    let count = |name, destination| counted(&points, name, destination, "place", "disk");
    assert_eq!(count("observer.export.waiting", "sick"), 20);
    assert!(count("observer.export.waiting.size", "sick") > 20 * 100);
    let place = |name, place| counted(&points, name, "sick", "place", place);
    assert_eq!(place("observer.export.waiting", "memory"), 0);
    let own = |name: &str| {
        points
            .iter()
            .find(|own| own.name == name && own.get("destination") == "sick")
    };
    let age = own("observer.export.waiting.age").expect("something waits");
    let age: f64 = age.value.parse().expect("seconds");
    assert!((0.0..30.0).contains(&age), "{age}");
    assert_eq!(
        own("observer.export.durable").expect("it is told").value,
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_in_part_is_not_sent_again_after_a_restart() {
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        let folder = folder();
        let address = nobody().await;
        let receiver = back(address, protocol).await;
        receiver.answer(Answer::Partly(1, "too old"));
        let settings = spooled(
            metrics_to([away(address, protocol, "/v1/metrics")]),
            &folder,
        );
        let telemetry = start(settings.clone());
        let fleet = telemetry.fleet::<Car>().expect("the first");
        report(&telemetry, &fleet, 1).await;
        telemetry.shutdown(PATIENCE).await.expect("it was taken");
        assert_eq!(on_disk(&folder, "away.metrics"), 0);
        start(settings)
            .shutdown(PATIENCE)
            .await
            .expect("it is there");
        assert_eq!(values(&receiver), ["1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spool_is_bounded_for_all_destinations_together_and_the_oldest_goes_first() {
    let folder = folder();
    let (sick, healthy) = (receiver::http().await, receiver::http().await);
    let address = nobody().await;
    let mut settings = spooled(
        metrics_to([
            away(address, Protocol::HttpProtobuf, "/v1/metrics"),
            otlp("sick", Protocol::HttpProtobuf, &sick.url("/v1/metrics")),
            otlp(
                "healthy",
                Protocol::HttpProtobuf,
                &healthy.url("/v1/metrics"),
            ),
        ]),
        &folder,
    );
    sick.answer(Answer::Hang);
    let max = 1 << 20;
    settings.spool.as_mut().expect("it was set").max = max;
    let telemetry = start(settings);
    let fleet = telemetry.fleet::<Car>().expect("the first");
    // Some 20 KB each.
    let long = "x".repeat(20_000);
    let member = fleet.member(vec![KeyValue::new("long", long)]);
    const ALL: usize = 100;
    for sent in 1..=ALL {
        let value = i64::try_from(sent - 1).expect("small");
        telemetry.report(vec![member.report(level(value))]).await;
        // However slow this machine is: nothing of what it takes is ever among the oldest.
        healthy.requests(sent).await;
        let files = ["away.metrics", "sick.metrics", "healthy.metrics"];
        let paths = files.iter().flat_map(|own| segments(&folder, own));
        let size = |path: PathBuf| fs::metadata(path).map_or(0, |own| own.len());
        let total: u64 = paths.map(size).sum();
        assert!(total <= max, "{total}");
    }
    let left = telemetry.shutdown(SOON).await.expect_err("two are away");
    let points = healthy.points();
    for (name, taken) in [("away", 0), ("sick", 1)] {
        let lost = counted(
            &points,
            "observer.export.dropped",
            name,
            "reason",
            "spool_full",
        );
        let waiting = left.waiting.iter().find(|own| own.destination == name);
        let waiting = waiting.expect("the newest wait").requests;
        // With the observer's own metrics at the end.
        let all = usize::try_from(lost).expect("small") + waiting;
        assert!(
            (ALL + 1 - taken..=ALL + 1).contains(&all),
            "{name}: {lost} {waiting}"
        );
        assert!(waiting > 15, "{name}: {waiting}");
    }
    // The newest are those that are left.
    let receiver = back(address, Protocol::HttpProtobuf).await;
    let again = spooled(
        metrics_to([away(address, Protocol::HttpProtobuf, "/v1/metrics")]),
        &folder,
    );
    start(again).shutdown(PATIENCE).await.expect("it is back");
    let values: Vec<usize> = values(&receiver)
        .iter()
        .flat_map(|own| own.parse())
        .collect();
    let newest: Vec<usize> = (ALL - values.len()..ALL).collect();
    assert_eq!(values, newest);
}

#[tokio::test]
async fn what_waits_for_a_destination_that_is_none_any_more_is_kept_and_said() {
    let folder = folder();
    let gone = away(nobody().await, Protocol::HttpProtobuf, "/v1/metrics");
    in_vain(spooled(metrics_to([gone]), &folder), 0..3).await;
    let path = folder.path().join("spool").join("away.metrics");
    let path = path.display().to_string();
    let receiver = receiver::http().await;
    let other = otlp("otlp", Protocol::HttpProtobuf, &receiver.url("/v1/metrics"));
    // Beside another one, and where there is none at all.
    let none: [Otlp; 0] = [];
    for settings in [metrics_to([other]), metrics_to(none)] {
        let log = Log::start();
        let telemetry = start(spooled(settings, &folder));
        telemetry.say_what_was_found();
        telemetry.shutdown(PATIENCE).await.expect("nothing else");
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in [&path, "delete that directory", "metrics for away"] {
            assert!(lines[0].contains(part), "{lines:?}");
        }
        assert_eq!(on_disk(&folder, "away.metrics"), 4);
    }
    assert!(receiver.car_points().is_empty());
}

#[tokio::test]
async fn without_a_destination_nothing_is_written() {
    let folder = folder();
    let settings = Settings {
        metrics: vec![Destination::Console],
        ..settings()
    };
    let telemetry = start(spooled(settings, &folder));
    telemetry.shutdown(PATIENCE).await.expect("nothing to send");
    assert!(is_empty(folder.path()));
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("it is there").next().is_none()
}
