//! What telemetry is told: checked already, each value in its true type.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use reqwest::Url;
use secrecy::SecretString;

use super::sink::Sink;

/// Everything that telemetry is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The resource: `service.name` and what `OTEL_RESOURCE_ATTRIBUTES` adds.
    pub resource: Vec<KeyValue>,
    /// Where metrics are sent.
    pub metrics: Vec<Destination>,
    /// What in this process takes what members report, too.
    pub sinks: Vec<Arc<dyn Sink>>,
    /// Where metrics can be fetched, if anywhere.
    pub prometheus: Option<Prometheus>,
    /// Whether metrics can be fetched in this process, too: [`Telemetry::scrape`](super::Telemetry::scrape).
    pub scraped: bool,
    /// Where spans are sent.
    pub traces: Vec<Destination>,
    /// Where log records are sent.
    pub logs: Vec<Destination>,
    /// Where requests wait that are not delivered yet, so that they survive the end of the process;
    /// only in memory if nothing is said.
    pub spool: Option<Spool>,
    /// How often the observer's metrics of its own work are exported
    /// (`OTEL_METRIC_EXPORT_INTERVAL`). Vehicles' metrics are exported when they are fresh.
    pub own_interval: Duration,
}

impl Settings {
    fn destinations(&self) -> impl Iterator<Item = &Destination> {
        self.metrics.iter().chain(&self.traces).chain(&self.logs)
    }

    /// Whether anything can leave this process other than by standard output.
    pub fn has_destination(&self) -> bool {
        self.prometheus.is_some() || self.sends()
    }

    /// Whether there is an OTLP destination.
    pub fn sends(&self) -> bool {
        self.destinations()
            .any(|destination| matches!(destination, Destination::Otlp(_)))
    }

    /// Whether anything is printed on standard output.
    pub fn prints(&self) -> bool {
        self.destinations()
            .any(|destination| matches!(destination, Destination::Console))
    }
}

/// Where requests wait until they are delivered. One process at a time can use a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spool {
    /// The directory. It is made when it is needed.
    pub directory: PathBuf,
    /// How many bytes wait at most, for all destinations together.
    pub max: u64,
}

/// Where one signal is sent.
#[derive(Clone, Debug)]
pub enum Destination {
    /// To standard output, as text.
    Console,
    /// To an OTLP receiver.
    Otlp(Box<Otlp>),
}

/// An OTLP receiver for one signal.
#[derive(Clone, Debug)]
pub struct Otlp {
    /// What it is called in messages and in the observer's own metrics: `otlp`, `greptimedb`.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The signal's whole URL for HTTP (`http://localhost:4318/v1/metrics`); scheme, host and port
    /// for gRPC.
    pub endpoint: Url,
    /// Sent with every request: exactly these.
    pub headers: Vec<(String, SecretString)>,
    /// For one attempt.
    pub timeout: Duration,
    /// Of the request's body.
    pub compression: Option<Compression>,
    /// Certificates from files.
    pub tls: TlsFiles,
    /// Of counters and histograms.
    pub temporality: TemporalityPreference,
}

/// OTLP's transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `http/protobuf`.
    HttpProtobuf,
    /// `http/json`.
    HttpJson,
    /// `grpc`.
    Grpc,
}

/// Compression of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// `gzip`.
    Gzip,
}

/// Certificates in PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// What the server's certificate is checked against, instead of the system's roots.
    pub ca: Option<PathBuf>,
    /// The client's certificate, for mutual TLS.
    pub client_certificate: Option<PathBuf>,
    /// Its key.
    pub client_key: Option<PathBuf>,
}

/// `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TemporalityPreference {
    /// All cumulative.
    #[default]
    Cumulative,
    /// Delta for counters and histograms.
    Delta,
    /// Delta for synchronous counters and histograms only.
    LowMemory,
}

/// The Prometheus endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prometheus {
    /// `OTEL_EXPORTER_PROMETHEUS_HOST`; `localhost` unless told otherwise.
    pub host: String,
    /// `OTEL_EXPORTER_PROMETHEUS_PORT`; 9464 unless told otherwise.
    pub port: u16,
}
