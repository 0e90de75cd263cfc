//! A real OTLP receiver on loopback, over HTTP/protobuf and gRPC, that decodes with
//! opentelemetry-proto and keeps what it got.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, NumberDataPoint, metric, number_data_point,
};
use prost::Message;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

use crate::everything::line;

/// What arrived.
#[derive(Clone, Debug, Default)]
pub struct Received(Arc<Mutex<Vec<ExportMetricsServiceRequest>>>);

impl Received {
    /// All requests so far.
    pub fn requests(&self) -> Vec<ExportMetricsServiceRequest> {
        self.0.lock().expect("no panic in a receiver").clone()
    }

    fn keep(&self, request: ExportMetricsServiceRequest) {
        self.0.lock().expect("no panic in a receiver").push(request);
    }
}

/// All points of all requests as sorted lines of text.
pub fn lines(requests: Vec<ExportMetricsServiceRequest>) -> Vec<String> {
    let resources = requests
        .into_iter()
        .flat_map(|request| request.resource_metrics);
    let scopes = resources.flat_map(|resource| resource.scope_metrics);
    let metrics = scopes.flat_map(|scope| scope.metrics);
    let mut lines: Vec<String> = metrics.flat_map(|metric| metric_lines(&metric)).collect();
    lines.sort();
    lines
}

/// Starts a receiver of OTLP over HTTP/protobuf on a free port.
pub async fn http() -> (SocketAddr, Received) {
    let received = Received::default();
    let keep = received.clone();
    let metrics = move |headers: HeaderMap, body: Bytes| {
        let keep = keep.clone();
        async move {
            let protobuf = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|value| value == "application/x-protobuf");
            match ExportMetricsServiceRequest::decode(body) {
                Ok(request) if protobuf => {
                    keep.keep(request);
                    Ok(ExportMetricsServiceResponse::default().encode_to_vec())
                }
                _ => Err(StatusCode::BAD_REQUEST),
            }
        }
    };
    let router = axum::Router::new().route("/v1/metrics", axum::routing::post(metrics));
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, received)
}

/// Starts a receiver of OTLP over gRPC on a free port.
pub async fn grpc() -> (SocketAddr, Received) {
    let received = Received::default();
    let service = MetricsServiceServer::new(received.clone());
    let (listener, address) = listen().await;
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let server = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(incoming));
    (address, received)
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port on loopback");
    let address = listener
        .local_addr()
        .expect("a bound listener has an address");
    (listener, address)
}

#[tonic::async_trait]
impl MetricsService for Received {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.keep(request.into_inner());
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

fn metric_lines(metric: &Metric) -> Vec<String> {
    let (kind, points): (&str, &[NumberDataPoint]) = match &metric.data {
        Some(metric::Data::Gauge(gauge)) => ("gauge", &gauge.data_points),
        Some(metric::Data::Sum(sum)) => {
            let kind = match (sum.is_monotonic, sum.aggregation_temporality()) {
                (true, AggregationTemporality::Cumulative) => "monotonic cumulative sum",
                (false, AggregationTemporality::Cumulative) => "cumulative sum",
                _ => "sum of another temporality",
            };
            (kind, &sum.data_points)
        }
        _ => ("something else", &[]),
    };
    let point_line = |point: &NumberDataPoint| {
        assert!(point.time_unix_nano > 0, "a point without a time");
        let value = match point.value {
            Some(number_data_point::Value::AsInt(value)) => format!("i{value}"),
            Some(number_data_point::Value::AsDouble(value)) => format!("f{value}"),
            None => "nothing".to_owned(),
        };
        let attributes: BTreeMap<String, String> = point
            .attributes
            .iter()
            .map(|own| (own.key.clone(), text(own.value.as_ref())))
            .collect();
        assert_eq!(
            attributes.len(),
            point.attributes.len(),
            "an attribute twice"
        );
        line(
            &metric.name,
            kind,
            &metric.unit,
            &metric.description,
            attributes,
            &value,
        )
    };
    points.iter().map(point_line).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(value)) => value.clone(),
        Some(any_value::Value::BoolValue(value)) => value.to_string(),
        Some(any_value::Value::IntValue(value)) => value.to_string(),
        Some(any_value::Value::DoubleValue(value)) => value.to_string(),
        other => format!("{other:?}"),
    }
}
