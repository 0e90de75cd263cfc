//! Destinations that fail, and what is said of them.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tesla_observer::telemetry::{Fleet, Otlp, Protocol, Telemetry};
use tokio::net::TcpListener;
use tracing::subscriber::DefaultGuard;

use crate::cars::{Car, level, vin};
use crate::receiver::{self, Answer, Point, Receiver};
use crate::{PATIENCE, metrics_to, otlp, start};

/// The log of a test, while it lives. The test's runtime has one thread, so that all is seen.
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>, #[allow(dead_code)] DefaultGuard);

#[derive(Clone)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn start() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let lines = Lines(Arc::clone(&text));
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            // In the workspace's build, the SDK logs its own comings and goings.
            .with_env_filter("tesla_observer=info")
            .with_writer(move || lines.clone())
            .finish();
        Log(text, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let text = self.0.lock().expect("no panic").clone();
        let text = String::from_utf8(text).expect("text");
        text.lines().map(str::to_owned).collect()
    }
}

pub(crate) async fn report(telemetry: &Telemetry, fleet: &Fleet<Car>, value: i64) {
    let member = fleet.member(vin("A"));
    telemetry.report(vec![member.report(level(value))]).await;
}

/// A destination that answers as told, and a healthy one that is told what becomes of it.
async fn beside_a_healthy_one(
    protocol: Protocol,
    answer: Answer,
) -> (Telemetry, Fleet<Car>, Receiver, Receiver) {
    let (sick, path) = match protocol {
        Protocol::Grpc => (receiver::grpc().await, ""),
        _ => (receiver::http().await, "/v1/metrics"),
    };
    sick.answer(answer);
    let healthy = receiver::http().await;
    let telemetry = start(metrics_to([
        otlp("sick", protocol, &sick.url(path)),
        otlp(
            "healthy",
            Protocol::HttpProtobuf,
            &healthy.url("/v1/metrics"),
        ),
    ]));
    let fleet = telemetry.fleet().expect("the first");
    (telemetry, fleet, sick, healthy)
}

/// The observer's own counter of a destination, as its last export has it.
pub(crate) fn counted(
    points: &[Point],
    name: &str,
    destination: &str,
    key: &str,
    value: &str,
) -> u64 {
    let mut found = points.iter().rev().filter(|own| {
        own.name == name && own.get("destination") == destination && own.get(key) == value
    });
    found
        .next()
        .map_or(0, |own| own.value.parse().expect("a count"))
}

#[tokio::test]
async fn a_refused_request_is_counted_and_said_once_with_what_to_do() {
    let log = Log::start();
    let headers = vec![("content-type", "text/plain")];
    let answer = Answer::Refuse(401, headers, "wrong password\nfor mine");
    let (telemetry, fleet, sick, healthy) =
        beside_a_healthy_one(Protocol::HttpProtobuf, answer).await;
    for value in 0..3 {
        report(&telemetry, &fleet, value).await;
        sick.requests(value as usize + 1).await;
    }
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("refused is not lost at shutdown");
    let lines = log.lines();
    let of_sick: Vec<_> = lines.iter().filter(|line| line.contains("sick")).collect();
    assert_eq!(of_sick.len(), 1, "{lines:?}");
    let expected = format!(
        "sending metrics to sick at {} failed (401 Unauthorized: wrong password for …): \
         check its user and password, or the token in its headers; this request is lost",
        sick.url("/v1/metrics")
    );
    assert!(of_sick[0].contains(&expected), "{lines:?}");
    let points = healthy.points();
    let count = |name, key, value| counted(&points, name, "sick", key, value);
    assert!(count("observer.export.failures", "error.type", "401") >= 2);
    assert!(count("observer.export.dropped", "reason", "refused") >= 2);
    assert_eq!(healthy.car_points().len(), 3);
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    for (status, advice) in [
        (404, "check the path"),
        (400, "takes OTLP in this protocol"),
        (500, "see its own log"),
        (307, "set its endpoint to where it redirects"),
    ] {
        let log = Log::start();
        let answer = Answer::Refuse(status, vec![("location", "http://elsewhere/")], "");
        let (telemetry, fleet, sick, _) = beside_a_healthy_one(Protocol::HttpJson, answer).await;
        report(&telemetry, &fleet, 1).await;
        sick.requests(1).await;
        telemetry
            .shutdown(PATIENCE)
            .await
            .expect("refused is not lost at shutdown");
        let lines = log.lines();
        assert!(
            lines
                .iter()
                .any(|line| line.contains(&status.to_string()) && line.contains(advice)),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_web_page_is_no_success() {
    let log = Log::start();
    let headers = vec![("content-type", "text/html; charset=utf-8")];
    let answer = Answer::Refuse(200, headers, "<title>Log in</title>");
    let (telemetry, fleet, sick, healthy) =
        beside_a_healthy_one(Protocol::HttpProtobuf, answer).await;
    report(&telemetry, &fleet, 1).await;
    sick.requests(1).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("refused is not lost at shutdown");
    let lines = log.lines();
    let expected = "(it answered with a web page): check that its endpoint, with its path,";
    assert!(
        lines.iter().any(|line| line.contains(expected)),
        "{lines:?}"
    );
    let dropped = "observer.export.dropped";
    assert_eq!(
        counted(&healthy.points(), dropped, "sick", "reason", "refused"),
        1
    );
}

#[tokio::test]
async fn a_refusal_over_grpc_is_said_with_what_to_do() {
    let log = Log::start();
    let answer = Answer::Refuse(0, vec![], "no such user");
    let (telemetry, fleet, sick, healthy) = beside_a_healthy_one(Protocol::Grpc, answer).await;
    report(&telemetry, &fleet, 1).await;
    sick.requests(1).await;
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("refused is not lost at shutdown");
    let lines = log.lines();
    let expected = "(unauthenticated: no such user): check its user and password";
    assert!(
        lines.iter().any(|line| line.contains(expected)),
        "{lines:?}"
    );
    assert_eq!(healthy.car_points().len(), 1);
}

#[tokio::test]
async fn what_was_accepted_in_part_is_said_and_not_sent_again() {
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        let log = Log::start();
        let answer = Answer::Partly(7, "too old");
        let (telemetry, fleet, sick, _) = beside_a_healthy_one(protocol, answer).await;
        report(&telemetry, &fleet, 1).await;
        sick.requests(1).await;
        telemetry.shutdown(PATIENCE).await.expect("it was taken");
        assert_eq!(sick.car_points().len(), 1);
        let lines = log.lines();
        let expected = "sick did not accept 7 of 1 points: too old";
        assert!(
            lines.iter().any(|line| line.contains(expected)),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_receiver_that_is_away_gets_everything_when_it_is_back() {
    let log = Log::start();
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = place.local_addr().expect("it is bound");
    drop(place);
    let away = |protocol, path| otlp("away", protocol, &format!("http://{address}{path}"));
    let telemetry = start(metrics_to([away(Protocol::HttpProtobuf, "/v1/metrics")]));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    report(&telemetry, &fleet, 1).await;
    report(&telemetry, &fleet, 2).await;
    while log.lines().is_empty() {
        receiver::settle().await;
    }
    assert!(
        log.lines()[0].contains("check that it is running"),
        "{:?}",
        log.lines()
    );
    let place = TcpListener::bind(address)
        .await
        .expect("nobody else took it");
    let back = receiver::http_on(place).await;
    back.requests(2).await;
    telemetry.shutdown(PATIENCE).await.expect("it is back");
    let values: Vec<_> = back.car_points().into_iter().map(|own| own.value).collect();
    assert_eq!(values, ["1", "2"]);
    let lines = log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("works again"), "{lines:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_connection_has_its_own_word() {
    let place = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = place.local_addr().expect("it is bound");
    drop(place);
    let refused = format!("http://{address}/v1/metrics");
    let nowhere = "http://no-such-host.invalid:4318/v1/metrics".to_owned();
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        for (url, advice) in [
            (&refused, "check that it is running"),
            (&nowhere, "check the host's name"),
        ] {
            let log = Log::start();
            let telemetry = start(metrics_to([otlp("away", protocol, url)]));
            let fleet = telemetry.fleet::<Car>().expect("the first");
            report(&telemetry, &fleet, 1).await;
            let lost = telemetry.shutdown(Duration::from_secs(5)).await;
            let lost = lost.expect_err("nobody is there").to_string();
            assert!(lost.contains("2 requests with metrics for away"), "{lost}");
            let lines = log.lines();
            assert!(
                lines.iter().any(|line| line.contains(advice)),
                "{protocol:?} {lines:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_the_same_request_later() {
    let log = Log::start();
    let answer = Answer::Refuse(503, vec![("retry-after", "1")], "");
    let (telemetry, fleet, sick, _) = beside_a_healthy_one(Protocol::HttpProtobuf, answer).await;
    let asked = Instant::now();
    report(&telemetry, &fleet, 1).await;
    sick.requests(1).await;
    sick.answer(Answer::Accept);
    sick.requests(2).await;
    assert!(asked.elapsed() >= Duration::from_secs(1));
    telemetry.shutdown(PATIENCE).await.expect("it recovered");
    let [first, second] = &sick.car_points()[..] else {
        panic!("{:?}", sick.car_points());
    };
    assert_eq!(first, second);
    assert!(log.lines()[0].contains("they are kept and sent again"));
}

/// `google.rpc.Status` with `google.rpc.RetryInfo` of one second.
const IN_A_SECOND: &[u8] =
    b"\x08\x08\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x01";

#[tokio::test]
async fn a_receiver_that_is_exhausted_is_asked_again_if_it_says_when() {
    let answer = Answer::Status(tonic::Code::ResourceExhausted, IN_A_SECOND);
    let (telemetry, fleet, sick, _) = beside_a_healthy_one(Protocol::Grpc, answer).await;
    let asked = Instant::now();
    report(&telemetry, &fleet, 1).await;
    sick.requests(1).await;
    sick.answer(Answer::Accept);
    sick.requests(2).await;
    assert!(asked.elapsed() >= Duration::from_secs(1));

    sick.answer(Answer::Status(tonic::Code::ResourceExhausted, b""));
    report(&telemetry, &fleet, 2).await;
    sick.requests(3).await;
    sick.answer(Answer::Accept);
    report(&telemetry, &fleet, 3).await;
    telemetry.shutdown(PATIENCE).await.expect("it recovered");
    let values: Vec<_> = sick.car_points().into_iter().map(|own| own.value).collect();
    assert_eq!(values, ["1", "1", "2", "3"], "the second is not sent again");
}

#[tokio::test]
async fn a_destination_that_hangs_delays_no_other() {
    for protocol in [Protocol::HttpProtobuf, Protocol::Grpc] {
        let (telemetry, fleet, sick, healthy) = beside_a_healthy_one(protocol, Answer::Hang).await;
        for value in 1..=20 {
            report(&telemetry, &fleet, value).await;
        }
        healthy.requests(20).await;
        assert_eq!(healthy.car_points().len(), 20);
        assert!(sick.count() <= 1);
        let begun = Instant::now();
        let lost = telemetry.shutdown(Duration::from_millis(500)).await;
        assert!(begun.elapsed() < Duration::from_secs(5));
        let lost = lost.expect_err("it hangs").lost;
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert_eq!(lost[0].destination, "sick");
        // 20 reports, and the observer's own metrics at the end.
        assert_eq!(lost[0].requests, Some(21));
        assert!(healthy.points().iter().any(Point::is_own));
    }
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_tried_again() {
    let log = Log::start();
    let sick = receiver::http().await;
    sick.answer(Answer::Hang);
    let destination = Otlp {
        timeout: Duration::from_millis(100),
        ..otlp("sick", Protocol::HttpProtobuf, &sick.url("/v1/metrics"))
    };
    let telemetry = start(metrics_to([destination]));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    report(&telemetry, &fleet, 1).await;
    sick.requests(1).await;
    sick.answer(Answer::Accept);
    sick.requests(2).await;
    telemetry.shutdown(PATIENCE).await.expect("it recovered");
    assert!(
        log.lines()[0].contains("no answer in time"),
        "{:?}",
        log.lines()
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_the_settings_is_said_at_once() {
    let mut bad = otlp("bad", Protocol::Grpc, "ftp://localhost/");
    bad.headers = vec![
        ("not a name".to_owned(), "x".into()),
        ("authorization".to_owned(), "secret\nvalue".into()),
    ];
    bad.tls.ca = Some("no/such/file.pem".into());
    bad.tls.client_key = Some("no/such/key.pem".into());
    let errors = Telemetry::start(metrics_to([bad])).expect_err("all of it is wrong");
    let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    for part in [
        "ftp://",
        "not a name",
        "authorization",
        "no/such/file.pem",
        "no/such/key.pem",
        "only one",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    assert!(
        text.lines().all(|line| line.starts_with("bad (metrics): ")),
        "{text}"
    );
}
