//! Each request has a span, and sends its context on. A process of its own, because both the
//! subscriber and the propagator are the process's.

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "tesla_client/server.rs"]
mod server;

use std::sync::{Arc, Mutex};

use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::{SpanKind, Status, TracerProvider as _};
use opentelemetry::{Context, KeyValue, Value, global};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tesla_observer::fetch::VehicleFetcher as _;
use tesla_observer::fetch::tesla::{Api, Tesla, TokenStore};
use tracing::Instrument as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::server::*;

#[derive(Clone, Debug, Default)]
struct Spans(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Spans {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("not poisoned").extend(batch);
        Ok(())
    }
}

fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.to_string())
}

#[tokio::test]
async fn each_request_has_a_client_span_and_sends_its_context_but_no_baggage_and_no_token() {
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
    let spans = Spans::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(spans.clone())
        .build();
    let ours = Targets::new()
        .with_target("tesla_observer", LevelFilter::TRACE)
        .with_target("tesla_traces", LevelFilter::TRACE);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber).expect("the only one");

    let server = Server::start(|asked| match asked.is_token() {
        true => tokens("second-access-secret", Some("second-refresh-secret")),
        false => Reply::text(503, ""),
    })
    .await;
    let account = account(Api::Owner, std::time::Duration::ZERO);
    let tesla = Tesla::new(settings(&server), account, TokenStore::in_memory()).expect("a client");
    let cycle = tracing::info_span!("cycle");
    let with_baggage = Context::current().with_baggage(vec![KeyValue::new("private", "thing")]);
    cycle.set_parent(with_baggage).expect("a parent");
    let error = tesla
        .snapshot(&vehicle())
        .instrument(cycle.clone())
        .await
        .expect_err("busy");
    let trace = {
        use opentelemetry::trace::TraceContextExt as _;
        cycle.context().span().span_context().trace_id().to_string()
    };
    drop(cycle);
    provider.force_flush().expect("flushed");

    let asked = server.asked();
    assert_eq!(asked.len(), 2, "{error}");
    let spans = spans.0.lock().expect("not poisoned").clone();
    for (asked, name, route, status) in [
        (&asked[0], "POST", "/oauth2/v3/token", "200"),
        (&asked[1], "GET", "/api/1/vehicles/{id}/vehicle_data", "503"),
    ] {
        let span = spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("{name}: {spans:?}"));
        let parent = asked.headers["traceparent"].to_str().expect("text");
        let own = format!("00-{trace}-{}-01", span.span_context.span_id());
        assert_eq!(parent, own, "{name}");
        assert!(!asked.headers.contains_key("baggage"), "{name}");
        assert_eq!(span.span_kind, SpanKind::Client);
        assert_eq!(
            attribute(span, "http.request.method").as_deref(),
            Some(name)
        );
        assert_eq!(
            attribute(span, "http.response.status_code").as_deref(),
            Some(status)
        );
        assert_eq!(
            attribute(span, "server.address").as_deref(),
            Some("127.0.0.1")
        );
        assert_eq!(
            attribute(span, "server.port"),
            server.url.port().map(|port| port.to_string())
        );
        assert_eq!(attribute(span, "url.path").as_deref(), Some(route));
        for key in ["http.response.status_code", "server.port"] {
            let found = span.attributes.iter().find(|own| own.key.as_str() == key);
            let value = found.map(|own| &own.value);
            assert!(matches!(value, Some(Value::I64(_))), "{key}: {value:?}");
        }
        let failed = status == "503";
        assert_eq!(
            attribute(span, "error.type").as_deref(),
            failed.then_some("503")
        );
        assert_eq!(matches!(span.status, Status::Error { .. }), failed);
    }
    let shown = format!("{spans:?}");
    for secret in [
        ACCESS,
        REFRESH,
        "-secret",
        "LRW3E7FA9MC000001",
        "1492931365719407001",
    ] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
