//! What the program sends is found again in real backends: VictoriaMetrics asked in PromQL, an
//! OpenTelemetry Collector over each transport, with all three signals, and in its place at the path
//! of GreptimeDB.

use std::collections::{BTreeMap, BTreeSet};

use metric_tests::observer::TOKEN;
use metric_tests::parked::{
    NAME, VIN, assert_all_series, assert_series, count_of_series, expected, first_names, response,
};
use metric_tests::receiver::{self, Received, texts};
use metric_tests::samples::{assert_same, lines, of_cars};
use metric_tests::servers::{Collector, VictoriaMetrics};
use metric_tests::tesla::{Car, Tesla};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use tokio::runtime::Runtime;

/// A service with the one car, which has a field that nobody knows.
fn tesla(runtime: &Runtime) -> Tesla {
    let response = response().replacen('{', r#"{"a_new_field": 7,"#, 1);
    runtime.block_on(Tesla::start(vec![Car::saying(VIN, Some(NAME), &response)]))
}

#[test]
fn victoria_metrics_has_everything_and_answers_queries_for_the_names_of_the_first_version() {
    let Some(server) = VictoriaMetrics::start() else {
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    tesla(&runtime)
        .observer()
        .with("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", server.otlp())
        .once_well();
    for name in first_names() {
        assert_series(name, &server.query(&format!("{name}{{vin=\"{VIN}\"}}"), 1));
    }
    let all = format!("{{vin=\"{VIN}\"}}");
    assert_all_series(&server.query(&all, count_of_series()));
    let state = server.query("chargestate_charging_state == 1", 1);
    assert_eq!(state.len(), 1);
    assert_eq!(state[0].0["state"], "stopped");
    // A quantity of each unit can be used in a calculation.
    let used = "chargestate_battery_range / chargestate_battery_level * 100";
    assert_eq!(server.query(used, 1)[0].1, 201.37 / 68.0 * 100.0);
}

/// All three signals over one transport, in the Collector's own words.
fn all_signals_arrive(protocol: &str, server: &Collector) {
    let endpoint = match protocol {
        "grpc" => server.grpc(),
        _ => server.http_base(),
    };
    let runtime = Runtime::new().expect("a runtime");
    let tesla = tesla(&runtime);
    tesla
        .observer()
        .otlp(protocol, &endpoint)
        .with("OTEL_SERVICE_NAME", "garage")
        .with(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        )
        .once_well();
    assert_same(protocol, &lines(&of_cars(&server.requests())), &expected());

    let mut resources = Vec::new();
    resources.extend(
        server
            .requests()
            .iter()
            .flat_map(|own| &own.resource_metrics)
            .map(|own| own.resource.clone()),
    );
    resources.extend(
        server
            .traces()
            .iter()
            .flat_map(|own| &own.resource_spans)
            .map(|own| own.resource.clone()),
    );
    resources.extend(
        server
            .logs()
            .iter()
            .flat_map(|own| &own.resource_logs)
            .map(|own| own.resource.clone()),
    );
    assert!(resources.len() >= 3);
    for resource in resources {
        let attributes = texts(&resource.expect("a resource").attributes);
        assert_eq!(attributes["service.name"], "garage");
        assert_eq!(attributes["deployment.environment.name"], "test");
    }
    assert_traces(&tesla, &server.traces());
    assert_logs(&server.traces(), &server.logs());
}

fn spans(traces: &[ExportTraceServiceRequest]) -> Vec<Span> {
    let resources = traces.iter().flat_map(|request| &request.resource_spans);
    let scopes = resources.flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).cloned().collect()
}

/// One turn: its span, and below it one for each request, whose context the service was sent.
fn assert_traces(tesla: &Tesla, traces: &[ExportTraceServiceRequest]) {
    let spans = spans(traces);
    let turns: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "observe vehicle")
        .collect();
    let [turn] = turns[..] else {
        panic!("one turn: {spans:?}");
    };
    assert_eq!(turn.parent_span_id, [0_u8; 0], "a turn is a trace");
    let attributes = texts(&turn.attributes);
    assert_eq!(attributes["vehicle_id"], NAME);
    assert_eq!(attributes["outcome"], "read");
    let below: Vec<_> = spans
        .iter()
        .filter(|span| span.trace_id == turn.trace_id && span.span_id != turn.span_id)
        .collect();
    let templates: BTreeSet<_> = below
        .iter()
        .map(|span| {
            assert_eq!(span.parent_span_id, turn.span_id);
            assert_eq!(span.kind(), SpanKind::Client);
            assert!(span.start_time_unix_nano >= turn.start_time_unix_nano);
            assert!(span.end_time_unix_nano <= turn.end_time_unix_nano);
            let attributes = texts(&span.attributes);
            assert_eq!(attributes["http.request.method"], "GET");
            assert_eq!(attributes["http.response.status_code"], "200");
            attributes["url.template"].clone()
        })
        .collect();
    let both = ["/api/1/vehicles/{id}", "/api/1/vehicles/{id}/vehicle_data"];
    assert_eq!(templates, both.map(str::to_owned).into());

    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let sent: BTreeSet<_> = tesla
        .asked()
        .iter()
        .filter(|asked| asked.what.contains("/vehicles/"))
        .map(|asked| asked.headers["traceparent"].clone())
        .collect();
    let made: BTreeSet<_> = below
        .iter()
        .map(|span| format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id)))
        .collect();
    assert_eq!(
        sent, made,
        "the service was sent each request's own context"
    );
    for span in &spans {
        assert!(!format!("{span:?}").contains(TOKEN), "no token in a span");
        assert_ne!(
            span.status.clone().unwrap_or_default().code(),
            StatusCode::Error
        );
    }
}

/// That a field is new is logged, as a part of the turn's trace.
fn assert_logs(traces: &[ExportTraceServiceRequest], logs: &[ExportLogsServiceRequest]) {
    let resources = logs.iter().flat_map(|request| &request.resource_logs);
    let scopes = resources.flat_map(|resource| &resource.scope_logs);
    let records: Vec<&LogRecord> = scopes.flat_map(|scope| &scope.log_records).collect();
    let text = |record: &LogRecord| match record.body.as_ref().and_then(|body| body.value.clone()) {
        Some(any_value::Value::StringValue(text)) => text,
        other => format!("{other:?}"),
    };
    let told: Vec<_> = records
        .iter()
        .filter(|record| text(record).contains("a_new_field"))
        .collect();
    let [told] = told[..] else {
        panic!("said once: {records:?}");
    };
    assert_eq!(told.severity_text, "INFO");
    let turn = spans(traces)
        .into_iter()
        .find(|span| span.name == "observe vehicle");
    let turn = turn.expect("there is a turn");
    assert_eq!(
        (&told.trace_id, &told.span_id),
        (&turn.trace_id, &turn.span_id)
    );
    assert!(
        !records
            .iter()
            .any(|record| format!("{record:?}").contains(TOKEN)),
        "no token"
    );
}

#[test]
fn the_collector_receives_all_signals_over_http_protobuf() {
    if let Some(server) = Collector::start() {
        all_signals_arrive("http/protobuf", &server);
    }
}

#[test]
fn the_collector_receives_all_signals_over_http_json() {
    if let Some(server) = Collector::start() {
        all_signals_arrive("http/json", &server);
    }
}

#[test]
fn the_collector_receives_all_signals_over_grpc() {
    if let Some(server) = Collector::start() {
        all_signals_arrive("grpc", &server);
    }
}

#[test]
fn the_collector_receives_metrics_at_greptimedbs_path() {
    let Some(server) = Collector::with_metrics_at("/v1/otlp/v1/metrics") else {
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    tesla(&runtime)
        .observer()
        .with("GREPTIME_SCHEME", "http")
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", server.http_port())
        .with("GREPTIME_DB", "public")
        .with("GREPTIME_USERNAME", "greptime_user")
        .with("GREPTIME_PASSWORD", "greptime_pwd")
        .once_well();
    assert_same(
        "GreptimeDB",
        &lines(&of_cars(&server.requests())),
        &expected(),
    );
}

/// What GreptimeDB is sent beside the metrics.
fn greptime_headers(variables: &[(&str, &str)]) -> Vec<(String, BTreeMap<String, String>)> {
    let runtime = Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::http());
    let mut observer = tesla(&runtime)
        .observer()
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", address.port());
    for (name, value) in variables {
        observer = observer.with(name, value);
    }
    observer.once_well();
    assert_same(
        "GreptimeDB",
        &lines(&of_cars(&received.requests())),
        &expected(),
    );
    assert!(
        received.traces().is_empty() && received.logs().is_empty(),
        "metrics only"
    );
    received
        .arrivals()
        .into_iter()
        .map(|own| (own.path, own.headers))
        .collect()
}

const STRATEGY: &str = "x-greptime-otlp-metric-translation-strategy";

#[test]
fn greptimedb_is_told_the_database_the_user_and_to_keep_the_names() {
    let arrivals = greptime_headers(&[
        ("GREPTIME_DB", "cars"),
        ("GREPTIME_USERNAME", "greptime_user"),
        ("GREPTIME_PASSWORD", "greptime_pwd"),
    ]);
    assert!(!arrivals.is_empty());
    for (path, headers) in arrivals {
        assert_eq!(path, "/v1/otlp/v1/metrics");
        assert_eq!(headers["x-greptime-db-name"], "cars");
        assert_eq!(headers[STRATEGY], "UnderscoreEscapingWithoutSuffixes");
        // base64 of greptime_user:greptime_pwd
        assert_eq!(
            headers["authorization"],
            "Basic Z3JlcHRpbWVfdXNlcjpncmVwdGltZV9wd2Q="
        );
    }
}

#[test]
fn greptimedb_is_told_no_user_where_there_is_none() {
    for (_, headers) in greptime_headers(&[]) {
        assert_eq!(headers["x-greptime-db-name"], "public");
        assert_eq!(headers[STRATEGY], "UnderscoreEscapingWithoutSuffixes");
        assert!(!headers.contains_key("authorization"));
    }
}

/// A user's name without anything else, as the variables of a compose file give it.
#[test]
fn greptimedbs_empty_variables_are_as_good_as_none() {
    let arrivals = greptime_headers(&[("GREPTIME_USERNAME", ""), ("GREPTIME_PASSWORD", "")]);
    assert!(
        arrivals
            .iter()
            .all(|(_, headers)| !headers.contains_key("authorization"))
    );
}

/// The headers of OTLP's own variables go to OTLP's own endpoint, not to GreptimeDB.
#[test]
fn each_destination_has_its_own_headers() {
    let runtime = Runtime::new().expect("a runtime");
    let (otlp, first) = runtime.block_on(receiver::http());
    let (greptime, second) = runtime.block_on(receiver::http());
    tesla(&runtime)
        .observer()
        .otlp("http/protobuf", &format!("http://{otlp}"))
        .with("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=secret%20of%20otlp")
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", greptime.port())
        .once_well();
    let has = |received: &Received, key: &str| {
        let arrivals = received.arrivals();
        assert!(!arrivals.is_empty());
        let with = arrivals
            .iter()
            .filter(|own| own.headers.contains_key(key))
            .count();
        assert!(with == 0 || with == arrivals.len());
        with > 0
    };
    assert!(has(&first, "x-api-key") && !has(&first, "x-greptime-db-name"));
    assert!(!has(&second, "x-api-key") && has(&second, "x-greptime-db-name"));
    assert_eq!(first.arrivals()[0].headers["x-api-key"], "secret of otlp");
}
