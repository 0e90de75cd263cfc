//! The same export as in `wire.rs` into real servers, read back and compared.

use std::collections::BTreeMap;

use metric_core::Family;
use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_tests::everything::{COMMON, EXPECTED, Everything, MEMBER, everything, expected};
use metric_tests::receiver;
use metric_tests::servers::{Collector, VictoriaMetrics};
use opentelemetry_otlp::{MetricExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;

/// Exports `everything` once through `exporter`.
fn export(exporter: MetricExporter) {
    let provider = SdkMeterProvider::builder()
        // Attributes of the resource would be labels of every series.
        .with_resource(Resource::builder_empty().build())
        .with_periodic_exporter(exporter)
        .build();
    let family = Family::<Everything>::new();
    family.register(&provider.meter("backends")).expect("fresh");
    let member = family.member([KeyValue::new(MEMBER.0, MEMBER.1)]);
    member.set(everything());
    provider.force_flush().expect("the server answers");
    member.clear();
    provider.shutdown().expect("the server answers");
}

fn http(endpoint: String) -> MetricExporter {
    let builder = MetricExporter::builder()
        .with_http()
        .with_endpoint(endpoint);
    builder.build().expect("a valid endpoint")
}

#[test]
fn victoria_metrics_has_every_series_with_its_attributes_and_value() {
    let Some(server) = VictoriaMetrics::start() else {
        return;
    };
    export(http(server.otlp()));

    let mut expected: Vec<(BTreeMap<String, String>, f64)> = EXPECTED
        .iter()
        .map(|(name, _, _, _, own, value)| {
            let name = [("__name__", *name)];
            let labels = name.iter().chain(&COMMON).chain(*own);
            let labels = labels.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            (labels.collect(), value[1..].parse().expect("a number"))
        })
        .collect();
    let mut found: Vec<_> = server
        .series(expected.len())
        .into_iter()
        .map(|series| {
            assert_eq!(series.values.len(), 1, "{series:?}");
            (series.metric, series.values[0])
        })
        .collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
}

#[test]
fn the_collector_receives_everything_over_http() {
    let Some(server) = Collector::start() else {
        return;
    };
    export(http(server.http()));
    assert_eq!(receiver::lines(server.requests()), expected());
}

#[test]
fn the_collector_receives_everything_over_grpc() {
    let Some(server) = Collector::start() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _runtime = runtime.enter();
    let exporter = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(server.grpc())
        .build()
        .expect("a valid endpoint");
    export(exporter);
    assert_eq!(receiver::lines(server.requests()), expected());
}
