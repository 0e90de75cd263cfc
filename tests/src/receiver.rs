//! A real OTLP receiver on loopback, over HTTP (protobuf and JSON) and gRPC, that decodes with
//! opentelemetry-proto and keeps what it got.

mod refusal;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, NumberDataPoint, metric, number_data_point,
};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

use crate::everything::line;

pub use refusal::Refusal;

/// What arrived.
#[derive(Clone, Debug, Default)]
pub struct Received(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    metrics: Vec<ExportMetricsServiceRequest>,
    traces: Vec<ExportTraceServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
    arrivals: Vec<Arrival>,
    refusal: Option<Refusal>,
    refused: u64,
    /// How long an answer over gRPC takes.
    takes: Duration,
    taker: Option<Taker>,
}

/// What is done with requests with metrics instead of keeping them.
struct Taker(Box<dyn FnMut(ExportMetricsServiceRequest, Option<Refusal>) + Send>);

impl fmt::Debug for Taker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Taker")
    }
}

/// How a request over HTTP came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: BTreeMap<String, String>,
}

impl Received {
    /// All requests with metrics so far.
    pub fn requests(&self) -> Vec<ExportMetricsServiceRequest> {
        self.kept().metrics.clone()
    }

    /// Looks at all requests with metrics so far, where they are: who waits looks often, and a copy of
    /// them all each time takes more time the longer it has waited. Nothing is taken meanwhile.
    pub fn with_requests<T>(&self, look: impl FnOnce(&[ExportMetricsServiceRequest]) -> T) -> T {
        look(&self.kept().metrics)
    }

    /// All requests with spans so far.
    pub fn traces(&self) -> Vec<ExportTraceServiceRequest> {
        self.kept().traces.clone()
    }

    /// All requests with log records so far.
    pub fn logs(&self) -> Vec<ExportLogsServiceRequest> {
        self.kept().logs.clone()
    }

    /// Hands all requests with metrics from now on to `taker`, with what they are refused with, instead
    /// of keeping them: there may be more than there is memory.
    pub fn hand_to(
        &self,
        taker: impl FnMut(ExportMetricsServiceRequest, Option<Refusal>) + Send + 'static,
    ) {
        self.kept().taker = Some(Taker(Box::new(taker)));
    }

    /// What becomes of what it gets from now on; it is taken, if this is `None`.
    pub fn refuse(&self, refusal: Option<Refusal>) {
        self.kept().refusal = refusal;
    }

    /// Over gRPC, what is taken is answered after so long; [`Duration::MAX`]: never.
    pub fn answer_after(&self, takes: Duration) {
        self.kept().takes = takes;
    }

    /// How many requests were refused.
    pub fn refused(&self) -> u64 {
        self.kept().refused
    }

    /// How each of them came, if it was over HTTP.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.kept().arrivals.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("no panic in a receiver")
    }
}

impl Kept {
    fn metrics(&mut self, request: ExportMetricsServiceRequest, refusal: Option<Refusal>) {
        match &mut self.taker {
            Some(Taker(take)) => take(request, refusal),
            None if refusal.is_none() => self.metrics.push(request),
            None => {}
        }
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

/// Starts a receiver of OTLP over HTTP, protobuf and JSON, on a free port. Metrics are taken at
/// GreptimeDB's path, too.
pub async fn http() -> (SocketAddr, Received) {
    let received = Received::default();
    let router = axum::Router::new()
        .route("/v1/metrics", post(metrics))
        .route("/v1/otlp/v1/metrics", post(metrics))
        .route("/v1/traces", post(traces))
        .route("/v1/logs", post(logs))
        .with_state(received.clone());
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, received)
}

async fn metrics(
    State(received): State<Received>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    take::<_, ExportMetricsServiceResponse>(
        &received,
        &uri,
        &headers,
        body,
        |kept, request, refusal| {
            kept.metrics(request, refusal);
        },
    )
}

async fn traces(
    State(received): State<Received>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    take::<_, ExportTraceServiceResponse>(
        &received,
        &uri,
        &headers,
        body,
        |kept, request, refusal| {
            if refusal.is_none() {
                kept.traces.push(request);
            }
        },
    )
}

async fn logs(
    State(received): State<Received>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse {
    take::<_, ExportLogsServiceResponse>(
        &received,
        &uri,
        &headers,
        body,
        |kept, request, refusal| {
            if refusal.is_none() {
                kept.logs.push(request);
            }
        },
    )
}

/// Decodes a request as its content type says, keeps it, and answers in kind.
fn take<T, A>(
    received: &Received,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
    keep: impl FnOnce(&mut Kept, T, Option<Refusal>),
) -> HttpResponse
where
    T: Message + Default + DeserializeOwned,
    A: Message + Default + Serialize,
{
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (request, answer) = match content_type {
        "application/x-protobuf" => (T::decode(body).ok(), A::default().encode_to_vec()),
        "application/json" => (
            serde_json::from_slice(&body).ok(),
            serde_json::to_vec(&A::default()).expect("an empty answer"),
        ),
        _ => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    };
    let Some(request) = request else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let texts = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    let arrival = Arrival {
        path: uri.path().to_owned(),
        headers: texts.collect(),
    };
    let mut kept = received.kept();
    let refusal = kept.refusal;
    keep(&mut kept, request, refusal);
    if let Some(refusal) = refusal {
        kept.refused += 1;
        return refusal.over_http(content_type == "application/json");
    }
    if kept.taker.is_none() {
        kept.arrivals.push(arrival);
    }
    ([(header::CONTENT_TYPE, content_type.to_owned())], answer).into_response()
}

impl Received {
    async fn over_grpc<T, A: Message + Default>(
        &self,
        request: Request<T>,
        keep: impl FnOnce(&mut Kept, T, Option<Refusal>),
    ) -> Result<Response<A>, Status> {
        let takes = {
            let mut kept = self.kept();
            let refusal = kept.refusal;
            keep(&mut kept, request.into_inner(), refusal);
            if let Some(refusal) = refusal {
                kept.refused += 1;
                return refusal.over_grpc();
            }
            kept.takes
        };
        match takes {
            Duration::ZERO => {}
            Duration::MAX => std::future::pending().await,
            takes => tokio::time::sleep(takes).await,
        }
        Ok(Response::new(A::default()))
    }
}

/// Starts a receiver of OTLP over gRPC on a free port.
pub async fn grpc() -> (SocketAddr, Received) {
    let (listener, address) = listen().await;
    (address, grpc_on(listener))
}

/// Starts a receiver of OTLP over gRPC at this address.
///
/// # Panics
///
/// If somebody else is there.
pub async fn grpc_at(address: SocketAddr) -> Received {
    let listener = TcpListener::bind(address).await;
    grpc_on(listener.expect("nobody else took it"))
}

/// An address where nobody is.
pub async fn nobody() -> SocketAddr {
    listen().await.1
}

fn grpc_on(listener: TcpListener) -> Received {
    let received = Received::default();
    let incoming = tonic::transport::server::TcpIncoming::from(listener)
        // An answer is several small pieces.
        .with_nodelay(Some(true));
    let server = tonic::transport::Server::builder()
        .add_service(MetricsServiceServer::new(received.clone()))
        .add_service(TraceServiceServer::new(received.clone()))
        .add_service(LogsServiceServer::new(received.clone()));
    tokio::spawn(server.serve_with_incoming(incoming));
    received
}

/// A free port on loopback.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
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
        self.over_grpc(request, Kept::metrics).await
    }
}

#[tonic::async_trait]
impl TraceService for Received {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.over_grpc(request, |kept, request, refusal| {
            if refusal.is_none() {
                kept.traces.push(request);
            }
        })
        .await
    }
}

#[tonic::async_trait]
impl LogsService for Received {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.over_grpc(request, |kept, request, refusal| {
            if refusal.is_none() {
                kept.logs.push(request);
            }
        })
        .await
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
        let attributes = texts(&point.attributes);
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

/// Attributes as text.
///
/// # Panics
///
/// If one is there twice.
pub fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let texts: BTreeMap<String, String> = attributes
        .iter()
        .map(|own| (own.key.clone(), text(own.value.as_ref())))
        .collect();
    assert_eq!(texts.len(), attributes.len(), "an attribute twice");
    texts
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
