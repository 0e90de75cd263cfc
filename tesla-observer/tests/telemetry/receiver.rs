//! A real OTLP receiver for HTTP and gRPC, that keeps what it got and answers as it is told.

use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
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
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{metric, number_data_point};
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Request, Status};

use crate::PATIENCE;

/// How it answers.
#[derive(Clone, Debug, Default)]
pub(crate) enum Answer {
    #[default]
    Accept,
    /// HTTP: this status, headers and body. gRPC: `unauthenticated` with this body.
    Refuse(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// Takes it, but rejects this many with this reason.
    Partly(i64, &'static str),
    /// gRPC: this code and these details.
    Status(tonic::Code, &'static [u8]),
    /// Never.
    Hang,
    /// The next one like this, and then never.
    Once(Box<Answer>),
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) enum Got {
    Metrics(ExportMetricsServiceRequest),
    Traces(ExportTraceServiceRequest),
    Logs(ExportLogsServiceRequest),
}

/// A receiver.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    got: Arc<watch::Sender<Vec<(HeaderMap, Got)>>>,
}

impl Receiver {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.answer.lock().expect("no panic in a receiver") = answer;
    }

    /// All requests, with their headers, as soon as there are so many.
    pub(crate) async fn requests(&self, count: usize) -> Vec<(HeaderMap, Got)> {
        let mut got = self.got.subscribe();
        let enough = got.wait_for(|got| got.len() >= count);
        match tokio::time::timeout(PATIENCE, enough).await {
            Ok(got) => got.expect("the sender lives").clone(),
            Err(_) => panic!("{} requests instead of {count}", self.count()),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.got.borrow().len()
    }

    /// All points of requests, in the order they came.
    pub(crate) fn points(&self) -> Vec<Point> {
        let got = self.got.borrow();
        got.iter().flat_map(|(_, got)| points(got)).collect()
    }

    /// The points of the fleet's metrics, without the observer's own.
    pub(crate) fn car_points(&self) -> Vec<Point> {
        let mut points = self.points();
        points.retain(|point| !point.is_own());
        points
    }

    async fn keep(&self, headers: HeaderMap, got: Got) -> Answer {
        self.got.send_modify(|all| all.push((headers, got)));
        let answer = {
            let mut answer = self.answer.lock().expect("no panic in a receiver");
            match answer.clone() {
                Answer::Once(once) => {
                    *answer = Answer::Hang;
                    *once
                }
                other => other,
            }
        };
        if matches!(answer, Answer::Hang) {
            std::future::pending::<()>().await;
        }
        answer
    }

    async fn grpc<M>(&self, request: Request<M>, got: fn(M) -> Got) -> Result<Answer, Status> {
        let (metadata, _, message) = request.into_parts();
        match self.keep(metadata.into_headers(), got(message)).await {
            Answer::Refuse(_, _, body) => Err(Status::unauthenticated(body)),
            Answer::Status(code, details) => Err(Status::with_details(
                code,
                "no",
                Bytes::from_static(details),
            )),
            answer => Ok(answer),
        }
    }
}

/// A point as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) description: String,
    pub(crate) kind: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) value: String,
    pub(crate) time: u64,
}

impl Point {
    pub(crate) fn is_own(&self) -> bool {
        ["observer.", "process.", "http."]
            .iter()
            .any(|prefix| self.name.starts_with(prefix))
    }

    /// The value of an attribute.
    pub(crate) fn get(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }

    /// Without the time.
    pub(crate) fn line(&self) -> String {
        let Point {
            name,
            unit,
            description,
            kind,
            attributes,
            value,
            ..
        } = self;
        format!("{name} [{unit}] {kind} {attributes:?} {value} ({description})")
    }
}

pub(crate) fn points(got: &Got) -> Vec<Point> {
    let Got::Metrics(request) = got else {
        return Vec::new();
    };
    let scopes = request
        .resource_metrics
        .iter()
        .flat_map(|own| &own.scope_metrics);
    let mut all = Vec::new();
    for metric in scopes.flat_map(|scope| &scope.metrics) {
        let mut add = |kind: &str, attributes: &[KeyValue], value: String, time: u64| {
            all.push(Point {
                name: metric.name.clone(),
                unit: metric.unit.clone(),
                description: metric.description.clone(),
                kind: kind.to_owned(),
                attributes: texts(attributes),
                value,
                time,
            });
        };
        let (kind, numbers) = match metric.data.as_ref().expect("data") {
            metric::Data::Gauge(gauge) => ("gauge".to_owned(), &gauge.data_points),
            metric::Data::Sum(sum) => (
                format!(
                    "sum, monotonic {}, temporality {}",
                    sum.is_monotonic, sum.aggregation_temporality
                ),
                &sum.data_points,
            ),
            metric::Data::Histogram(histogram) => {
                let kind = format!(
                    "histogram, temporality {}",
                    histogram.aggregation_temporality
                );
                for point in &histogram.data_points {
                    let value = format!("{} in {}", point.sum(), point.count);
                    add(&kind, &point.attributes, value, point.time_unix_nano);
                }
                continue;
            }
            other => panic!("{other:?}"),
        };
        for point in numbers {
            let value = match point.value.expect("a value") {
                number_data_point::Value::AsInt(value) => format!("{value}"),
                number_data_point::Value::AsDouble(value) => format!("{value:?}"),
            };
            add(&kind, &point.attributes, value, point.time_unix_nano);
        }
    }
    all
}

pub(crate) fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|own| own.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let texts = attributes
        .iter()
        .map(|own| (own.key.clone(), text(&own.value)));
    let all: BTreeMap<_, _> = texts.collect();
    assert_eq!(all.len(), attributes.len(), "an attribute twice");
    all
}

/// Starts one for HTTP, on a free port.
pub(crate) async fn http() -> Receiver {
    http_on(TcpListener::bind("127.0.0.1:0").await.expect("a free port")).await
}

pub(crate) async fn http_on(listener: TcpListener) -> Receiver {
    let receiver = new(&listener);
    let router = http_router(receiver.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    receiver
}

/// Starts one for gRPC, on a free port.
pub(crate) async fn grpc() -> Receiver {
    grpc_on(TcpListener::bind("127.0.0.1:0").await.expect("a free port")).await
}

pub(crate) async fn grpc_on(listener: TcpListener) -> Receiver {
    let receiver = new(&listener);
    let server = grpc_router(Server::builder(), receiver.clone());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    receiver
}

/// Starts one for both, over TLS.
pub(crate) async fn tls(tls: ServerTlsConfig) -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let receiver = new(&listener);
    let server = Server::builder().tls_config(tls).expect("certificates");
    let routes = tonic::service::Routes::from(http_router(receiver.clone()))
        .add_service(MetricsServiceServer::new(receiver.clone()));
    let mut server = server;
    let server = server.add_routes(routes);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    receiver
}

fn new(listener: &TcpListener) -> Receiver {
    Receiver {
        address: listener.local_addr().expect("it is bound"),
        answer: Arc::default(),
        got: Arc::new(watch::Sender::new(Vec::new())),
    }
}

fn http_router(receiver: Receiver) -> axum::Router {
    axum::Router::new()
        .route("/v1/metrics", axum::routing::post(on_http))
        .route("/v1/traces", axum::routing::post(on_http))
        .route("/v1/logs", axum::routing::post(on_http))
        .with_state(receiver)
}

fn grpc_router(mut server: Server, receiver: Receiver) -> Router {
    use tonic::codec::CompressionEncoding::Gzip;
    server
        .add_service(MetricsServiceServer::new(receiver.clone()).accept_compressed(Gzip))
        .add_service(TraceServiceServer::new(receiver.clone()).accept_compressed(Gzip))
        .add_service(LogsServiceServer::new(receiver).accept_compressed(Gzip))
}

async fn on_http(
    State(receiver): State<Receiver>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let respond = |status: u16, body: Vec<u8>| {
        let answer = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
        (answer, Body::from(body))
    };
    let mut plain = Vec::new();
    if headers.get("content-encoding").is_some() {
        flate2::read::GzDecoder::new(&body[..])
            .read_to_end(&mut plain)
            .expect("gzip");
    } else {
        plain.extend_from_slice(&body);
    }
    let json = headers["content-type"] == "application/json";
    let got = match uri.path() {
        "/v1/metrics" => Got::Metrics(decode(json, &plain)),
        "/v1/traces" => Got::Traces(decode(json, &plain)),
        _ => Got::Logs(decode(json, &plain)),
    };
    let (answer, body) = match receiver.keep(headers, got).await {
        Answer::Accept | Answer::Status(..) | Answer::Hang | Answer::Once(_) => {
            respond(200, Vec::new())
        }
        Answer::Refuse(status, headers, body) => {
            let (mut answer, body) = respond(status, body.into());
            for (name, value) in headers {
                answer = answer.header(name, value);
            }
            (answer, body)
        }
        Answer::Partly(rejected, reason) if json => {
            let body = format!(
                r#"{{"partialSuccess":{{"rejectedDataPoints":"{rejected}","errorMessage":"{reason}"}}}}"#
            );
            let (answer, body) = respond(200, body.into());
            (answer.header("content-type", "application/json"), body)
        }
        Answer::Partly(rejected, reason) => {
            let (answer, body) = respond(200, partly(rejected, reason).encode_to_vec());
            (
                answer.header("content-type", "application/x-protobuf"),
                body,
            )
        }
    };
    answer.body(body).expect("an answer")
}

fn partly(rejected_data_points: i64, error_message: &str) -> ExportMetricsServiceResponse {
    ExportMetricsServiceResponse {
        partial_success: Some(ExportMetricsPartialSuccess {
            rejected_data_points,
            error_message: error_message.to_owned(),
        }),
    }
}

fn decode<M: Message + Default + serde::de::DeserializeOwned>(json: bool, body: &[u8]) -> M {
    if json {
        serde_json::from_slice(body).expect("OTLP in JSON")
    } else {
        M::decode(body).expect("OTLP in protobuf")
    }
}

#[tonic::async_trait]
impl MetricsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, Status> {
        let answer = match self.grpc(request, Got::Metrics).await? {
            Answer::Partly(rejected, reason) => partly(rejected, reason),
            _ => ExportMetricsServiceResponse::default(),
        };
        Ok(tonic::Response::new(answer))
    }
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        self.grpc(request, Got::Traces).await?;
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Receiver {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<tonic::Response<ExportLogsServiceResponse>, Status> {
        self.grpc(request, Got::Logs).await?;
        Ok(tonic::Response::new(ExportLogsServiceResponse::default()))
    }
}

/// Long enough for something that should not happen to happen, in bounded turns of the runtime.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}
