//! Spans and log records of the program itself.

use std::collections::HashMap;

use opentelemetry_http::HeaderInjector;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use tesla_observer::telemetry::{Protocol, Settings, Telemetry};
use tracing::Level;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{self, Got, Receiver};
use crate::{PATIENCE, otlp, settings, start, to};

async fn rig(protocol: Protocol) -> (Telemetry, Receiver) {
    let grpc = protocol == Protocol::Grpc;
    let receiver = match grpc {
        true => receiver::grpc().await,
        false => receiver::http().await,
    };
    let url = |path| receiver.url(if grpc { "" } else { path });
    let telemetry = start(Settings {
        traces: vec![to(otlp("otlp", protocol, &url("/v1/traces")))],
        logs: vec![to(otlp("otlp", protocol, &url("/v1/logs")))],
        ..settings()
    });
    (telemetry, receiver)
}

async fn spans_and_logs(
    receiver: &Receiver,
    requests: usize,
) -> (HashMap<String, Span>, Vec<LogRecord>) {
    let mut spans = HashMap::new();
    let mut logs = Vec::new();
    for (_, got) in receiver.requests(requests).await {
        match got {
            Got::Traces(request) => {
                let scopes = request
                    .resource_spans
                    .into_iter()
                    .flat_map(|own| own.scope_spans);
                let all = scopes.flat_map(|scope| scope.spans);
                spans.extend(all.map(|span| (span.name.clone(), span)));
            }
            Got::Logs(request) => {
                let scopes = request
                    .resource_logs
                    .into_iter()
                    .flat_map(|own| own.scope_logs);
                logs.extend(scopes.flat_map(|scope| scope.log_records));
            }
            Got::Metrics(request) => panic!("{request:?}"),
        }
    }
    (spans, logs)
}

fn text(log: &LogRecord) -> String {
    format!("{:?}", log.body)
}

async fn linked(protocol: Protocol) {
    let (telemetry, receiver) = rig(protocol).await;
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    let mut headers = axum::http::HeaderMap::new();
    tracing::subscriber::with_default(subscriber, || {
        let cycle = tracing::info_span!("cycle", vin = "5YJ0");
        cycle.in_scope(|| {
            let call = tracing::info_span!("call");
            call.in_scope(|| tracing::warn!(status = 408, "it sleeps"));
            opentelemetry::global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&call.context(), &mut HeaderInjector(&mut headers));
            });
        });
        tracing::info!("outside");
        tracing::debug!("not worth a record");
    });
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let (spans, logs) = spans_and_logs(&receiver, 2).await;
    let (cycle, call) = (&spans["cycle"], &spans["call"]);
    assert_eq!(call.parent_span_id, cycle.span_id);
    assert_eq!(call.trace_id, cycle.trace_id);
    assert!(call.events.is_empty(), "an event is exported once");
    assert_eq!(logs.len(), 2, "{logs:?}");
    assert!(text(&logs[0]).contains("it sleeps"));
    assert_eq!(logs[0].severity_text, "WARN");
    assert_eq!(logs[0].trace_id, call.trace_id);
    assert_eq!(logs[0].span_id, call.span_id);
    assert!(text(&logs[1]).contains("outside"));
    assert!(logs[1].trace_id.is_empty());
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let parent = format!("00-{}-{}-01", hex(&call.trace_id), hex(&call.span_id));
    assert_eq!(headers["traceparent"], *parent);
}

#[tokio::test]
async fn spans_and_logs_arrive_linked_and_the_context_is_sent_on() {
    for protocol in [Protocol::HttpProtobuf, Protocol::HttpJson, Protocol::Grpc] {
        linked(protocol).await;
    }
}

#[tokio::test]
async fn what_carries_telemetry_makes_none() {
    let (telemetry, receiver) = rig(Protocol::Grpc).await;
    // As the runtime has one thread, all that the delivery says is seen by this subscriber.
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::info_span!("work").in_scope(|| tracing::info!("one"));
    for target in ["h2", "hyper", "tonic", "reqwest", "opentelemetry"] {
        assert!(!allowed(target), "{target}");
    }
    assert!(tracing::enabled!(target: "tesla_observer", Level::INFO));
    telemetry
        .shutdown(PATIENCE)
        .await
        .expect("all is delivered");
    let (spans, logs) = spans_and_logs(&receiver, 2).await;
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert_eq!(receiver.count(), 2);
}

/// Whether an error of this target would be exported. Targets are a part of the callsite.
fn allowed(target: &str) -> bool {
    match target {
        "h2" => tracing::enabled!(target: "h2::codec", Level::ERROR),
        "hyper" => tracing::enabled!(target: "hyper_util::client", Level::ERROR),
        "tonic" => tracing::enabled!(target: "tonic::transport", Level::ERROR),
        "reqwest" => tracing::enabled!(target: "reqwest::connect", Level::ERROR),
        _ => tracing::enabled!(target: "opentelemetry_sdk", Level::ERROR),
    }
}

#[tokio::test]
async fn without_destinations_the_layer_hides_nothing_from_others() {
    let telemetry = start(settings());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink))
        .with(telemetry.layer());
    let _guard = tracing::subscriber::set_default(subscriber);
    assert!(tracing::enabled!(Level::DEBUG));
}
