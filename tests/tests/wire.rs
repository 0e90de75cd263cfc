//! Correct OTLP on the wire: a struct that uses every feature, exported by opentelemetry-otlp over
//! HTTP/protobuf and gRPC to a real receiver, arrives with the right name, unit, description,
//! kind, temporality, number type, attributes and values.

use metric_core::Family;
use metric_core::opentelemetry::KeyValue;
use metric_core::opentelemetry::metrics::MeterProvider;
use metric_tests::everything::{EXPECTED, Everything, MEMBER, everything, expected};
use metric_tests::receiver;
use opentelemetry_otlp::{MetricExporter, WithExportConfig};
use opentelemetry_sdk::metrics::SdkMeterProvider;

/// Exports `everything` once through `exporter`.
fn export(exporter: MetricExporter) {
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter)
        .build();
    let family = Family::<Everything>::new();
    family.register(&provider.meter("wire")).expect("fresh");
    let member = family.member([KeyValue::new(MEMBER.0, MEMBER.1)]);
    member.set(everything());
    provider.force_flush().expect("the receiver answers");
    assert!(family.dropped().is_empty(), "{:?}", family.dropped());
    member.clear();
    provider.shutdown().expect("the receiver answers");
}

#[test]
fn everything_arrives_over_http() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::http());
    let exporter = MetricExporter::builder()
        .with_http()
        .with_endpoint(format!("http://{address}/v1/metrics"))
        .build()
        .expect("a valid endpoint");
    export(exporter);
    assert_eq!(receiver::lines(received.requests()), expected());
}

#[test]
fn everything_arrives_over_grpc() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::grpc());
    let _runtime = runtime.enter();
    let exporter = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(format!("http://{address}"))
        .build()
        .expect("a valid endpoint");
    export(exporter);
    assert_eq!(receiver::lines(received.requests()), expected());
}

/// What stands in the schema is what is exported, so that whatever is made from the one fits the
/// other.
#[test]
fn the_schema_tells_what_arrives() {
    use metric_core::{Kind, MetricCollector, NumberType};

    let kind = |kind| match kind {
        Kind::Gauge => "gauge",
        Kind::Counter => "monotonic cumulative sum",
        Kind::UpDownCounter => "cumulative sum",
        _ => "unknown",
    };
    let mut absent = Vec::new();
    for entry in Everything::SCHEMA.entries() {
        let mut points = EXPECTED
            .iter()
            .filter(|expected| entry.name == expected.0)
            .peekable();
        if points.peek().is_none() {
            absent.push(entry.name.to_string());
        }
        for (_, expected_kind, unit, description, own, value) in points {
            assert_eq!(kind(entry.metric.kind()), *expected_kind, "{}", entry.name);
            assert_eq!(entry.metric.unit(), *unit, "{}", entry.name);
            assert_eq!(entry.metric.description(), *description, "{}", entry.name);
            let float = entry.metric.number_type() == NumberType::F64;
            assert_eq!(float, value.starts_with('f'), "{}", entry.name);
            let keys: Vec<_> = entry
                .attributes
                .iter()
                .map(|attribute| attribute.key())
                .collect();
            for key in ["make", "service.tier", "vin", "model.year"]
                .iter()
                .chain(own.iter().map(|own| &own.0))
            {
                assert!(
                    keys.contains(key),
                    "{}: {key} is not among {keys:?}",
                    entry.name
                );
            }
            assert_eq!(keys.len(), 4 + own.len(), "{}: {keys:?}", entry.name);
        }
    }
    assert_eq!(absent, ["all_absent"]);
}
