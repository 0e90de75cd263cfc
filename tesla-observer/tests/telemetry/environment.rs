//! Nothing of the environment gets to a destination: only what its settings say. And what goes to
//! standard output. Both need a process of their own.

use std::process::{Command, Output};

use opentelemetry_proto::tonic::common::v1::any_value;
use tesla_observer::telemetry::{Destination, Protocol, Settings};
use tracing_subscriber::layer::SubscriberExt;

use crate::cars::{Car, level, vin};
use crate::receiver::{self, Got};
use crate::{PATIENCE, metrics_to, otlp, settings, start, to};

/// Tells a test that it is the child, and of what.
const CHILD: &str = "TELEMETRY_TEST_CHILD";

async fn child(test: &'static str, of: String, variables: Vec<(&'static str, String)>) -> Output {
    let run = move || {
        let mut command = Command::new(std::env::current_exe().expect("a test's binary"));
        command.args(["--exact", test, "--nocapture"]);
        command.env(CHILD, of).envs(variables).output()
    };
    let output = tokio::task::spawn_blocking(run).await;
    let output = output.expect("no panic").expect("the child ran");
    assert!(output.status.success(), "{output:?}");
    output
}

#[tokio::test]
async fn a_destination_gets_exactly_its_own_headers_whatever_the_environment_says() {
    if let Ok(addresses) = std::env::var(CHILD) {
        let urls: Vec<&str> = addresses.split(' ').collect();
        let http = |path| format!("{}{path}", urls[0]);
        let mut settings = metrics_to([
            otlp("a", Protocol::HttpProtobuf, &http("/v1/metrics")),
            otlp("b", Protocol::HttpJson, &http("/v1/metrics")),
            otlp("c", Protocol::Grpc, urls[1]),
        ]);
        settings.traces = vec![to(otlp("a", Protocol::HttpProtobuf, &http("/v1/traces")))];
        settings.logs = vec![to(otlp("c", Protocol::Grpc, urls[1]))];
        let telemetry = start(settings);
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("work").in_scope(|| tracing::info!("hello"));
        });
        let fleet = telemetry.fleet::<Car>().expect("the first");
        let member = fleet.member(vin("A"));
        telemetry.report(vec![member.report(level(1))]).await;
        telemetry
            .shutdown(PATIENCE)
            .await
            .expect("all is delivered");
        return;
    }
    let (http, grpc, trap) = (
        receiver::http().await,
        receiver::grpc().await,
        receiver::http().await,
    );
    let mut variables = vec![
        ("OTEL_EXPORTER_OTLP_ENDPOINT", trap.url("")),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip".to_owned()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "1".to_owned()),
        ("OTEL_EXPORTER_OTLP_INSECURE", "false".to_owned()),
        ("OTEL_RESOURCE_ATTRIBUTES", "leak=yes".to_owned()),
        ("OTEL_SERVICE_NAME", "leak".to_owned()),
        // What is on this machine is none of a proxy's business.
        ("HTTP_PROXY", trap.url("")),
        ("http_proxy", trap.url("")),
        ("ALL_PROXY", trap.url("")),
        ("NO_PROXY", String::new()),
        ("no_proxy", String::new()),
    ];
    for name in [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
    ] {
        variables.push((name, "authorization=leak,x-own=leak,x-leak=leak".to_owned()));
    }
    let test =
        "environment::a_destination_gets_exactly_its_own_headers_whatever_the_environment_says";
    child(
        test,
        format!("{} {}", http.url(""), grpc.url("")),
        variables,
    )
    .await;

    // Two reports and two times the own metrics, and the span.
    for (headers, got) in http.requests(5).await {
        let mut names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["accept", "content-length", "content-type", "host", "x-own"]
        );
        assert_eq!(headers["x-own"], "mine");
        assert!(!format!("{got:?}").contains("leak"));
    }
    // The report, the own metrics, the log record.
    for (headers, got) in grpc.requests(3).await {
        let mut names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "te", "user-agent", "x-own"]);
        assert_eq!(headers["x-own"], "mine");
        assert!(!format!("{got:?}").contains("leak"));
    }
    assert_eq!(trap.count(), 0);
    let log = grpc
        .requests(3)
        .await
        .into_iter()
        .find_map(|(_, got)| match got {
            Got::Logs(logs) => logs.resource_logs[0].scope_logs[0].log_records[0]
                .body
                .clone(),
            _ => None,
        });
    let text = any_value::Value::StringValue("hello".to_owned());
    assert_eq!(log.and_then(|own| own.value), Some(text));
}

#[tokio::test]
async fn the_console_shows_all_three_signals() {
    if std::env::var(CHILD).is_ok() {
        let telemetry = start(Settings {
            metrics: vec![Destination::Console],
            traces: vec![Destination::Console],
            logs: vec![Destination::Console],
            ..settings()
        });
        let subscriber = tracing_subscriber::registry().with(telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("work").in_scope(|| tracing::info!("a log record"));
        });
        let fleet = telemetry.fleet::<Car>().expect("the first");
        let member = fleet.member(vin("5YJ0"));
        telemetry.report(vec![member.report(level(72))]).await;
        telemetry.shutdown(PATIENCE).await.expect("all is printed");
        return;
    }
    let output = child(
        "environment::the_console_shows_all_three_signals",
        "yes".to_owned(),
        vec![],
    );
    let text = String::from_utf8(output.await.stdout).expect("text");
    for part in [
        "chargestate_battery_level",
        "Value        : 72",
        "5YJ0",
        "observer.token.age",
        "process.uptime",
        "Name         : work",
        "a log record",
    ] {
        // The token's metrics have no value, so they are not there.
        assert_eq!(
            text.contains(part),
            part != "observer.token.age",
            "{part} in\n{text}"
        );
    }
}
