//! Real servers, filled by the simulator.

use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use metric_tests::observer::Observer;
use metric_tests::process::Process;
use metric_tests::servers::{Prometheus, VictoriaMetrics};
use reqwest::Url;
use serde_json::Value;

use tesla_observer::catalog::Backend;

use crate::files::{Query, made_for, queries};

/// How long all queries of a backend may take to find data.
const PATIENCE: Duration = Duration::from_secs(240);

/// An observer of simulated cars that is quick.
fn observer() -> Observer {
    Observer::of_simulated_cars()
        .with("SCRAPE_INTERVAL_SEC", 0.5)
        .with("OTEL_METRIC_EXPORT_INTERVAL", 1_000)
        .with("TESLA_BUDGET", "100000/day")
        .with("TESLA_OBSERVER_PAGE", "none")
        .with("TESLA_OBSERVER_DISPLAY", "off")
}

/// Asks all of them until each has found data.
fn all_find_data(backend: &str, url: &str, mut waiting: Vec<Query>) {
    let (asked, start) = (waiting.len(), Instant::now());
    loop {
        waiting.retain(|query| !finds_data(url, query));
        if waiting.is_empty() {
            eprintln!("{backend}: {asked} queries, {:?}", start.elapsed());
            return;
        }
        let nothing: Vec<String> = waiting
            .iter()
            .map(|query| format!("{}: {}", query.place, query.sent()))
            .collect();
        assert!(
            start.elapsed() < PATIENCE,
            "{backend}: no data for {} of {asked} queries:\n{}",
            nothing.len(),
            nothing.join("\n")
        );
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Whether there is a number in what it returns.
fn finds_data(url: &str, query: &Query) -> bool {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let sent = query.sent();
    let (way, times) = match query.instant {
        true => ("query", vec![("time", now.to_string())]),
        false => (
            "query_range",
            vec![
                ("start", (now - 120).to_string()),
                ("end", now.to_string()),
                ("step", "2".to_owned()),
            ],
        ),
    };
    let parameters = times.into_iter().chain([("query", sent.clone())]);
    let url = Url::parse_with_params(&format!("{url}/api/v1/{way}"), parameters).expect("a URL");
    let answer = reqwest::blocking::get(url).and_then(|answer| answer.text());
    let answer: Value = serde_json::from_str(&answer.expect("an answer")).expect("JSON");
    assert_eq!(
        answer["status"], "success",
        "{}: {sent}: {answer}",
        query.place
    );
    let found = answer["data"]["result"].as_array().expect("a list");
    found.iter().any(|series| {
        let values = series["values"].as_array().cloned().unwrap_or_default();
        let mut values = values.into_iter().chain([series["value"].clone()]);
        values.any(|value| {
            let number = value[1].as_str().and_then(|text| text.parse::<f64>().ok());
            number.is_some_and(f64::is_finite)
        })
    })
}

fn ends_well(observer: Process) {
    let (status, log) = observer.stop();
    assert!(status.success(), "{status}:\n{log}");
}

#[test]
fn every_query_finds_data_in_victoria_metrics_by_both_of_its_namings_and_in_prometheus() {
    let Some(as_sent) = VictoriaMetrics::start() else {
        return;
    };
    let Some(suffixed) = VictoriaMetrics::with_prometheus_names() else {
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port on loopback")
        .port();
    let otlp = |server: &VictoriaMetrics| {
        observer().with("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", server.otlp())
    };
    let one = otlp(&as_sent)
        .with("OTEL_METRICS_EXPORTER", "otlp,prometheus")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port)
        .start();
    let other = otlp(&suffixed).start();
    let of_cars = || queries("cars");
    let with_own =
        |folder: &str| -> Vec<Query> { of_cars().into_iter().chain(queries(folder)).collect() };
    let prometheus = Prometheus::start(&format!("127.0.0.1:{port}"));
    let mut cases = vec![
        (
            "VictoriaMetrics",
            as_sent.url(),
            with_own("victoriametrics"),
        ),
        (
            "VictoriaMetrics with suffixes",
            suffixed.url(),
            made_for(Backend::VictoriaMetricsSuffixes),
        ),
    ];
    if let Some(prometheus) = &prometheus {
        cases.push(("Prometheus", prometheus.url(), with_own("prometheus")));
    }
    std::thread::scope(|scope| {
        for (backend, url, queries) in cases {
            scope.spawn(move || all_find_data(backend, url, queries));
        }
    });
    ends_well(one);
    ends_well(other);
}
