//! Where observations go.

use super::*;

#[test]
fn one_endpoint_serves_all_signals_and_one_for_a_signal_stays_as_it_is() {
    let config = variables(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://backend:4318/base/"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/in"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x=y"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics.len(), 1);
    assert_eq!(
        metrics[0].endpoint.as_str(),
        "http://backend:4318/base/v1/metrics"
    );
    assert_eq!(headers(metrics[0]), [("api-key", "a b")]);
    let traces = otlp(&config.telemetry.traces);
    assert_eq!(traces[0].protocol, Protocol::Grpc);
    assert_eq!(traces[0].endpoint.as_str(), "http://backend:4318/base/");
    let logs = otlp(&config.telemetry.logs);
    assert_eq!(logs[0].endpoint.as_str(), "http://logs:1/in");
    assert_eq!(headers(logs[0]), [("x", "y")]);
}

#[test]
fn exporters_are_chosen_by_list() {
    let config = variables(&[
        ("OTEL_METRICS_EXPORTER", "otlp, console,prometheus"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://backend:4318"),
    ]);
    assert_eq!(config.telemetry.metrics.len(), 2);
    assert!(config.telemetry.traces.is_empty());
    assert_eq!(config.telemetry.logs.len(), 1);
    let prometheus = config.telemetry.prometheus.expect("asked for");
    assert_eq!(
        (prometheus.host.as_str(), prometheus.port),
        ("localhost", 9464)
    );
    // Without an endpoint, otlp is the one that the specification names.
    let config = variables(&[
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics[0].endpoint.as_str(), "http://localhost:4317/");
    let errors = read(&[], &[("OTEL_LOGS_EXPORTER", "prometheus")]).expect_err("metrics only");
    assert!(errors[0].starts_with("OTEL_LOGS_EXPORTER: "), "{errors:?}");
    assert!(read(&[], &[("OTEL_METRICS_EXPORTER", "none,otlp")]).is_err());
}

#[test]
fn greptimedb_gets_its_path_its_headers_and_no_others() {
    let config = variables(&[
        ("GREPTIME_HOST", "greptime.example"),
        ("GREPTIME_DB", "cars"),
        ("GREPTIME_USERNAME", "ju"),
        ("GREPTIME_PASSWORD", "secret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=not-for-greptime"),
    ]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0].name, "greptimedb");
    assert_eq!(
        metrics[0].endpoint.as_str(),
        "http://greptime.example:4000/v1/otlp/v1/metrics"
    );
    assert_eq!(
        headers(metrics[0]),
        [
            ("authorization", "Basic anU6c2VjcmV0"),
            ("x-greptime-db-name", "cars"),
            (
                "x-greptime-otlp-metric-translation-strategy",
                "UnderscoreEscapingWithoutSuffixes"
            ),
        ]
    );
    assert!(
        config.telemetry.traces.is_empty(),
        "GreptimeDB's variables are for metrics"
    );
}

#[test]
fn greptimedb_gets_authorization_only_with_a_user() {
    let config = variables(&[("GREPTIME_HOST", "::1"), ("GREPTIME_USERNAME", "")]);
    let metrics = otlp(&config.telemetry.metrics);
    assert!(
        metrics.is_empty()
            || !headers(metrics[0])
                .iter()
                .any(|(name, _)| *name == "authorization")
    );
    let config = variables(&[("GREPTIME_HOST", "h"), ("GREPTIME_SCHEME", "https")]);
    let metrics = otlp(&config.telemetry.metrics);
    assert_eq!(metrics[0].endpoint.as_str(), "https://h/v1/otlp/v1/metrics");
    let names: Vec<&str> = headers(metrics[0]).iter().map(|(name, _)| *name).collect();
    assert!(!names.contains(&"authorization"), "{names:?}");
}

#[test]
fn greptimedb_stands_beside_another_destination() {
    let config = variables(&[
        ("GREPTIME_HOST", "h"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "http://other/v1/metrics",
        ),
    ]);
    let names: Vec<&str> = otlp(&config.telemetry.metrics)
        .iter()
        .map(|otlp| otlp.name.as_str())
        .collect();
    assert_eq!(names, ["otlp", "greptimedb"]);
    // `otlp` means it if there is no other endpoint; `none` and `console` do without it.
    for (exporter, count) in [("otlp", 1), ("none", 0), ("console", 0)] {
        let config = variables(&[("GREPTIME_HOST", "h"), ("OTEL_METRICS_EXPORTER", exporter)]);
        assert_eq!(otlp(&config.telemetry.metrics).len(), count, "{exporter}");
    }
}

#[test]
fn a_half_configured_greptimedb_is_an_error() {
    for half in [("GREPTIME_PORT", "4000"), ("GREPTIME_USERNAME", "ju")] {
        let errors = read(&[], &[half]).expect_err("the host is missing");
        assert!(errors[0].contains("GREPTIME_HOST"), "{errors:?}");
    }
    for host in ["http://h", "h/path", "user@h"] {
        let errors = read(&[], &[("GREPTIME_HOST", host)]).expect_err("no host");
        assert!(errors[0].starts_with("GREPTIME_HOST: "), "{errors:?}");
    }
    assert!(read(&[], &[("GREPTIME_HOST", "h"), ("GREPTIME_PASSWORD", "p")]).is_err());
}

#[test]
fn the_resource_has_the_service_s_name() {
    let name = |config: &Config| {
        let mut resource = config.telemetry.resource.iter();
        let name = resource.find(|pair| pair.key.as_str() == "service.name");
        name.map(|pair| pair.value.to_string())
    };
    assert_eq!(name(&variables(&[])).as_deref(), Some("tesla-observer"));
    let listed = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed,a=b");
    assert_eq!(name(&variables(&[listed])).as_deref(), Some("listed"));
    let both = variables(&[listed, ("OTEL_SERVICE_NAME", "said")]);
    assert_eq!(name(&both).as_deref(), Some("said"));
    assert!(read(&[], &[("OTEL_RESOURCE_ATTRIBUTES", "no-equals")]).is_err());
}

#[test]
fn otel_sdk_disabled_exports_nothing() {
    let config = variables(&[
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"),
        ("OTEL_METRICS_EXPORTER", "otlp,prometheus"),
    ]);
    assert!(!config.telemetry.has_destination());
    assert!(config.telemetry.traces.is_empty());
}

#[test]
fn requests_wait_in_the_state_directory_unless_told_otherwise() {
    let state = ("TESLA_OBSERVER_STATE_DIR", "/state");
    let spool = |given: &[(&str, &str)]| variables(given).telemetry.spool;
    let usual = spool(&[state]).expect("it is the default");
    assert_eq!(usual.directory, std::path::Path::new("/state/spool"));
    assert_eq!(usual.max, 256 << 20);
    for (size, bytes) in [
        ("1GiB", 1 << 30),
        ("2 mib", 2 << 20),
        ("2048KiB", 2 << 20),
        ("1048576", 1 << 20),
    ] {
        let given = [
            ("TESLA_OBSERVER_SPOOL_DIR", "/elsewhere"),
            ("TESLA_OBSERVER_SPOOL_MAX", size),
        ];
        let spool = spool(&given).expect("it was said");
        assert_eq!(spool.directory, std::path::Path::new("/elsewhere"));
        assert_eq!(spool.max, bytes, "{size}");
    }
    assert!(spool(&[state, ("TESLA_OBSERVER_SPOOL_DIR", "none")]).is_none());
    for size in [
        "",
        "0",
        "1023KiB",
        "1MB",
        "-1",
        "1.5GiB",
        "99999999999GiB",
        "GiB",
    ] {
        let wrong = read(&[("spool-max", size)], &[]).expect_err(size);
        assert!(wrong[0].contains("such as 256MiB"), "{wrong:?}");
    }
}

#[test]
fn secrets_that_go_in_clear_to_another_machine_are_warned_about() {
    let secret = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=s3cret");
    let warnings = |endpoint: &str, more: &[(&str, &str)]| {
        let mut all = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
        all.extend(more);
        let warnings = variables(&all).warnings;
        let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert!(!texts.concat().contains("s3cret"), "{texts:?}");
        texts.len()
    };
    for (endpoint, count) in [
        ("http://collector.example:4318", 1),
        ("http://10.0.0.7:4318", 1),
        ("http://localhost.example:4318", 1),
        ("https://collector.example:4318", 0),
        ("http://localhost:4318", 0),
        ("http://127.0.0.1:4318", 0),
        ("http://[::1]:4318", 0),
    ] {
        assert_eq!(warnings(endpoint, &[secret]), count, "{endpoint}");
    }
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    assert_eq!(
        warnings("http://collector.example:4317", &[secret, grpc]),
        1
    );
    assert_eq!(warnings("http://collector.example:4318", &[]), 0);

    let greptime = |more: &[(&str, &str)]| {
        let mut all = vec![("GREPTIME_HOST", "greptime.example")];
        all.extend(more);
        variables(&all).warnings.len()
    };
    let user = [("GREPTIME_USERNAME", "ju"), ("GREPTIME_PASSWORD", "s3cret")];
    assert_eq!(greptime(&[]), 0);
    assert_eq!(greptime(&user), 1);
    assert_eq!(
        greptime(&[user[0], user[1], ("GREPTIME_SCHEME", "https")]),
        0
    );
}
