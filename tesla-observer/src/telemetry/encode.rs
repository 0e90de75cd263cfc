//! From what the SDK collects to the bytes of an OTLP request.

use std::io::Write;

use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message;
use prost::bytes::Bytes;
use serde::Serialize;

/// What kind of telemetry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Signal {
    Metrics,
    Traces,
    Logs,
}

impl Signal {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Signal::Metrics => "metrics",
            Signal::Traces => "traces",
            Signal::Logs => "logs",
        }
    }

    /// The gRPC method that takes it.
    pub(super) fn grpc_path(self) -> &'static str {
        match self {
            Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        }
    }
}

/// How a request becomes bytes. Destinations that want the same share one encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Encoding {
    pub(super) json: bool,
    pub(super) gzip: bool,
}

/// An encoded request: all that has to be kept until it is delivered.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) body: Bytes,
    /// Points, spans or log records.
    pub(super) items: usize,
}

/// An OTLP request of any signal.
pub(super) trait Request: Message + Serialize {
    /// Points, spans or log records.
    fn items(&self) -> usize;
}

impl Request for ExportMetricsServiceRequest {
    fn items(&self) -> usize {
        let scopes = self
            .resource_metrics
            .iter()
            .flat_map(|own| &own.scope_metrics);
        let metrics = scopes.flat_map(|scope| &scope.metrics);
        metrics
            .map(|metric| match &metric.data {
                Some(Data::Gauge(data)) => data.data_points.len(),
                Some(Data::Sum(data)) => data.data_points.len(),
                Some(Data::Histogram(data)) => data.data_points.len(),
                Some(Data::ExponentialHistogram(data)) => data.data_points.len(),
                Some(Data::Summary(data)) => data.data_points.len(),
                None => 0,
            })
            .sum()
    }
}

impl Request for ExportTraceServiceRequest {
    fn items(&self) -> usize {
        let scopes = self.resource_spans.iter().flat_map(|own| &own.scope_spans);
        scopes.map(|scope| scope.spans.len()).sum()
    }
}

impl Request for ExportLogsServiceRequest {
    fn items(&self) -> usize {
        let scopes = self.resource_logs.iter().flat_map(|own| &own.scope_logs);
        scopes.map(|scope| scope.log_records.len()).sum()
    }
}

/// The request as bytes.
pub(super) fn encode(request: &impl Request, encoding: Encoding) -> std::io::Result<Bytes> {
    let plain = if encoding.json {
        serde_json::to_vec(request)?
    } else {
        request.encode_to_vec()
    };
    if !encoding.gzip {
        return Ok(plain.into());
    }
    let mut gzip = GzEncoder::new(
        Vec::with_capacity(plain.len() / 4),
        flate2::Compression::default(),
    );
    gzip.write_all(&plain)?;
    Ok(gzip.finish()?.into())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, number_data_point,
    };
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
    use serde_json::{Value, json};

    use super::*;

    fn as_json(request: &impl Request) -> Value {
        let encoding = Encoding {
            json: true,
            gzip: false,
        };
        let body = encode(request, encoding).expect("it can be encoded");
        serde_json::from_slice(&body).expect("JSON")
    }

    #[test]
    fn json_has_the_names_and_forms_of_otlps_specification() {
        let point = NumberDataPoint {
            attributes: vec![KeyValue {
                key: "vin".to_owned(),
                value: Some(AnyValue {
                    value: Some(any_value::Value::StringValue("5YJ0".to_owned())),
                }),
                ..KeyValue::default()
            }],
            time_unix_nano: 1_544_712_661_000_000_000,
            value: Some(number_data_point::Value::AsDouble(31.5)),
            ..NumberDataPoint::default()
        };
        let metric = Metric {
            name: "speed".to_owned(),
            data: Some(Data::Gauge(Gauge {
                data_points: vec![point],
            })),
            ..Metric::default()
        };
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                scope_metrics: vec![ScopeMetrics {
                    metrics: vec![metric],
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        };
        assert_eq!(request.items(), 1);
        let json = as_json(&request);
        let metric = &json["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0];
        assert_eq!(metric["name"], "speed");
        let point = &metric["gauge"]["dataPoints"][0];
        assert_eq!(point["asDouble"], 31.5);
        assert_eq!(point["timeUnixNano"], "1544712661000000000");
        let attribute = json!({"key": "vin", "value": {"stringValue": "5YJ0"}});
        assert_eq!(point["attributes"][0], attribute);
    }

    #[test]
    fn json_has_ids_in_hexadecimal_and_enums_as_numbers() {
        let span = Span {
            trace_id: vec![0xab; 16],
            span_id: vec![0x01; 8],
            kind: 3,
            ..Span::default()
        };
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                scope_spans: vec![ScopeSpans {
                    spans: vec![span],
                    ..ScopeSpans::default()
                }],
                ..ResourceSpans::default()
            }],
        };
        assert_eq!(request.items(), 1);
        let json = as_json(&request);
        let span = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], "ab".repeat(16));
        assert_eq!(span["spanId"], "01".repeat(8));
        assert_eq!(span["kind"], 3);
    }
}
