//! Where observations go: OpenTelemetry's variables and GreptimeDB's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use opentelemetry::KeyValue;
use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::greptime;
use super::reader::{Reader, milliseconds, number, one_of, pairs, size, switch};
use crate::telemetry::{
    Compression, Destination, Otlp, Prometheus, Protocol, Settings, Spool, TemporalityPreference,
    TlsFiles,
};

/// OpenTelemetry's signals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    Metrics,
    Traces,
    Logs,
}

impl Signal {
    fn setting(self) -> &'static str {
        match self {
            Self::Metrics => "metrics-exporter",
            Self::Traces => "traces-exporter",
            Self::Logs => "logs-exporter",
        }
    }

    /// The variable for this signal alone: `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`.
    fn variable(self, what: &str) -> String {
        let signal = match self {
            Self::Metrics => "METRICS",
            Self::Traces => "TRACES",
            Self::Logs => "LOGS",
        };
        format!("OTEL_EXPORTER_OTLP_{signal}_{what}")
    }

    fn path(self) -> &'static str {
        match self {
            Self::Metrics => "v1/metrics",
            Self::Traces => "v1/traces",
            Self::Logs => "v1/logs",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exporter {
    Otlp,
    Console,
    Prometheus,
    None,
}

const EXPORTERS: &[(&str, Exporter)] = &[
    ("otlp", Exporter::Otlp),
    ("console", Exporter::Console),
    ("prometheus", Exporter::Prometheus),
    ("none", Exporter::None),
];

const PROTOCOLS: &[(&str, Protocol)] = &[
    ("http/protobuf", Protocol::HttpProtobuf),
    ("http/json", Protocol::HttpJson),
    ("grpc", Protocol::Grpc),
];

const COMPRESSIONS: &[(&str, Option<Compression>)] =
    &[("gzip", Some(Compression::Gzip)), ("none", None)];

const TEMPORALITIES: &[(&str, TemporalityPreference)] = &[
    ("cumulative", TemporalityPreference::Cumulative),
    ("delta", TemporalityPreference::Delta),
    ("lowmemory", TemporalityPreference::LowMemory),
];

/// What telemetry is told; `None` after an error.
pub(super) fn read(reader: &mut Reader<'_>, state_dir: Option<&Path>) -> Option<Settings> {
    let common = common(reader);
    let metrics_chosen = chosen(reader, Signal::Metrics);
    let traces_chosen = chosen(reader, Signal::Traces);
    let logs_chosen = chosen(reader, Signal::Logs);
    let greptime = greptime::read(reader, common.timeout, common.compression, &common.tls);
    let prometheus = prometheus(reader);
    let resource = resource(reader);
    let own_interval = reader.read("metric-export-interval", milliseconds);
    let spool = spool(reader, state_dir);
    let disabled = reader.switch("sdk-disabled");

    let mut metrics = destinations(
        reader,
        Signal::Metrics,
        metrics_chosen.as_deref(),
        &common,
        greptime.is_some(),
    );
    let wants_otlp = metrics_chosen
        .as_ref()
        .is_none_or(|chosen| chosen.contains(&Exporter::Otlp));
    if let Some(greptime) = greptime.filter(|_| wants_otlp) {
        metrics.push(Destination::Otlp(Box::new(greptime)));
    }
    let traces = destinations(
        reader,
        Signal::Traces,
        traces_chosen.as_deref(),
        &common,
        false,
    );
    let logs = destinations(reader, Signal::Logs, logs_chosen.as_deref(), &common, false);
    let pull = metrics_chosen.is_some_and(|chosen| chosen.contains(&Exporter::Prometheus));
    let prometheus = prometheus.filter(|_| pull);

    let telemetry = own_interval.map(|own_interval| match disabled {
        true => Settings {
            resource: Vec::new(),
            metrics: Vec::new(),
            sinks: Vec::new(),
            prometheus: None,
            scraped: false,
            traces: Vec::new(),
            logs: Vec::new(),
            spool: None,
            own_interval,
        },
        false => Settings {
            resource,
            metrics,
            sinks: Vec::new(),
            prometheus,
            scraped: false,
            traces,
            logs,
            spool,
            own_interval,
        },
    });
    if let Some(settings) = &telemetry {
        for (signal, destinations) in [
            (Signal::Metrics, &settings.metrics),
            (Signal::Traces, &settings.traces),
            (Signal::Logs, &settings.logs),
        ] {
            let none = destinations.is_empty();
            reader.found(signal.setting(), if none { "none" } else { "otlp" });
        }
    }
    telemetry
}

/// What holds for all signals.
struct Common {
    endpoint: Option<String>,
    protocol: Protocol,
    headers: Vec<(String, SecretString)>,
    timeout: Duration,
    compression: Option<Compression>,
    tls: TlsFiles,
    insecure: bool,
    temporality: TemporalityPreference,
}

fn common(reader: &mut Reader<'_>) -> Common {
    Common {
        endpoint: reader.text("otlp-endpoint"),
        protocol: reader
            .read("otlp-protocol", one_of(PROTOCOLS))
            .unwrap_or(Protocol::HttpProtobuf),
        headers: reader
            .secret("otlp-headers")
            .map(|text| headers(reader, "OTEL_EXPORTER_OTLP_HEADERS", &text))
            .unwrap_or_default(),
        timeout: reader
            .read("otlp-timeout", milliseconds)
            .unwrap_or_default(),
        compression: reader
            .read("otlp-compression", one_of(COMPRESSIONS))
            .flatten(),
        tls: TlsFiles {
            ca: reader.read("otlp-certificate", file),
            client_certificate: reader.read("otlp-client-certificate", file),
            client_key: reader.read("otlp-client-key", file),
        },
        insecure: reader.switch("otlp-insecure"),
        temporality: reader
            .read("otlp-temporality", one_of(TEMPORALITIES))
            .unwrap_or_default(),
    }
}

/// The exporters that were asked for; `None` if nothing was said.
fn chosen(reader: &mut Reader<'_>, signal: Signal) -> Option<Vec<Exporter>> {
    reader.read(signal.setting(), |text| {
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        let mut chosen = Vec::new();
        for word in words {
            let exporter = one_of(EXPORTERS)(word)?;
            if exporter == Exporter::Prometheus && signal != Signal::Metrics {
                return Err("prometheus is for metrics only".to_owned());
            }
            if !chosen.contains(&exporter) {
                chosen.push(exporter);
            }
        }
        if chosen.len() > 1 && chosen.contains(&Exporter::None) {
            return Err("none stands beside another exporter: write one or the other".to_owned());
        }
        Ok(chosen)
    })
}

fn destinations(
    reader: &mut Reader<'_>,
    signal: Signal,
    chosen: Option<&[Exporter]>,
    common: &Common,
    elsewhere: bool,
) -> Vec<Destination> {
    let own_endpoint = reader.variable(&signal.variable("ENDPOINT"), |text| Ok(text.to_owned()));
    let has_endpoint = own_endpoint.is_some() || common.endpoint.is_some();
    let asked = chosen.is_some_and(|chosen| chosen.contains(&Exporter::Otlp));
    let mut destinations = Vec::new();
    if chosen.is_some_and(|chosen| chosen.contains(&Exporter::Console)) {
        destinations.push(Destination::Console);
    }
    // GreptimeDB's variables give `otlp` an endpoint, too.
    if (asked && (has_endpoint || !elsewhere)) || (chosen.is_none() && has_endpoint) {
        let otlp = otlp(reader, signal, own_endpoint, common);
        destinations.extend(otlp.map(|otlp| Destination::Otlp(Box::new(otlp))));
    }
    destinations
}

fn otlp(
    reader: &mut Reader<'_>,
    signal: Signal,
    own_endpoint: Option<String>,
    common: &Common,
) -> Option<Otlp> {
    let protocol = reader
        .variable(&signal.variable("PROTOCOL"), one_of(PROTOCOLS))
        .unwrap_or(common.protocol);
    let insecure = reader
        .variable(&signal.variable("INSECURE"), switch)
        .unwrap_or(common.insecure);
    let (at, text) = match (own_endpoint, &common.endpoint) {
        (Some(text), _) => (Some(signal.variable("ENDPOINT")), text),
        (None, Some(text)) => (None, text.clone()),
        (None, None) => (None, default_endpoint(protocol).to_owned()),
    };
    let whole = at.is_some();
    let endpoint = match endpoint(&text, protocol, insecure, (!whole).then(|| signal.path())) {
        Ok(endpoint) => Some(endpoint),
        Err(problem) => {
            match at {
                Some(at) => reader.errors.push(super::ConfigError { at, problem }),
                // Said once, not once for each signal.
                None if signal_is_first(reader, &problem) => reader.wrong("otlp-endpoint", problem),
                None => {}
            }
            None
        }
    };
    let own_headers = reader.secret_variable(&signal.variable("HEADERS"));
    let headers = match own_headers {
        Some((text, source)) => headers(reader, &source.to_string(), &text),
        None => common.headers.clone(),
    };
    let timeout = reader.variable(&signal.variable("TIMEOUT"), milliseconds);
    let compression = reader.variable(&signal.variable("COMPRESSION"), one_of(COMPRESSIONS));
    let mut own_file = |what| reader.variable(&signal.variable(what), file);
    let tls = TlsFiles {
        ca: own_file("CERTIFICATE").or_else(|| common.tls.ca.clone()),
        client_certificate: own_file("CLIENT_CERTIFICATE")
            .or_else(|| common.tls.client_certificate.clone()),
        client_key: own_file("CLIENT_KEY").or_else(|| common.tls.client_key.clone()),
    };
    if tls.client_certificate.is_some() != tls.client_key.is_some() {
        reader.wrong(
            "otlp-client-certificate",
            "a client's certificate and its key belong together: set both, or neither",
        );
    }
    Some(Otlp {
        name: "otlp".to_owned(),
        protocol,
        endpoint: endpoint?,
        headers,
        timeout: timeout.unwrap_or(common.timeout),
        compression: compression.unwrap_or(common.compression),
        tls,
        temporality: common.temporality,
    })
}

fn signal_is_first(reader: &Reader<'_>, problem: &str) -> bool {
    !reader.errors.iter().any(|error| error.problem == problem)
}

fn default_endpoint(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => "http://localhost:4317",
        Protocol::HttpProtobuf | Protocol::HttpJson => "http://localhost:4318",
    }
}

/// An endpoint as OpenTelemetry's specification reads it. One for all signals has `path` added for
/// HTTP; one for gRPC may have no scheme.
fn endpoint(
    text: &str,
    protocol: Protocol,
    insecure: bool,
    path: Option<&str>,
) -> Result<Url, String> {
    let with_scheme = match (protocol, text.contains("://"), insecure) {
        (Protocol::Grpc, false, true) => format!("http://{text}"),
        (Protocol::Grpc, false, false) => format!("https://{text}"),
        _ => text.to_owned(),
    };
    let mut url = super::url(&with_scheme)?;
    if let (Some(path), Protocol::HttpProtobuf | Protocol::HttpJson) = (path, protocol) {
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
    }
    Ok(url)
}

/// Headers, checked: what cannot be sent is found now.
fn headers(reader: &mut Reader<'_>, at: &str, text: &SecretString) -> Vec<(String, SecretString)> {
    let mut wrong = |problem: String| {
        reader.errors.push(super::ConfigError {
            at: at.to_owned(),
            problem,
        });
    };
    let pairs = match pairs(text.expose_secret()) {
        Ok(pairs) => pairs,
        Err(problem) => {
            wrong(problem);
            return Vec::new();
        }
    };
    let mut headers = Vec::new();
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        let value = Zeroizing::new(value);
        if HeaderName::from_bytes(key.as_bytes()).is_err() || HeaderValue::from_str(&value).is_err()
        {
            wrong(format!(
                "part {} is no HTTP header: write name=value, without spaces or line breaks in the name",
                index + 1
            ));
            continue;
        }
        headers.push((key.to_ascii_lowercase(), value.as_str().into()));
    }
    headers
}

/// A file that can be read.
fn file(text: &str) -> Result<PathBuf, String> {
    match std::fs::File::open(text) {
        Ok(_) => Ok(PathBuf::from(text)),
        Err(error) => Err(format!("the file {text:?} cannot be read: {error}")),
    }
}

/// Where requests wait; nowhere but in memory if that is said, or if there is no state directory.
fn spool(reader: &mut Reader<'_>, state_dir: Option<&Path>) -> Option<Spool> {
    let said = reader.path("spool-dir");
    let max = reader.read("spool-max", size(SMALLEST_SPOOL));
    let directory = match said {
        Some(path) if path == Path::new("none") => return None,
        Some(path) => path,
        None => {
            let directory = state_dir?.join("spool");
            reader.found("spool-dir", directory.display());
            directory
        }
    };
    Some(Spool {
        directory,
        max: max?,
    })
}

/// A few large requests.
const SMALLEST_SPOOL: u64 = 1 << 20;

fn prometheus(reader: &mut Reader<'_>) -> Option<Prometheus> {
    let host = reader.text("prometheus-host");
    let port = reader.read("prometheus-port", number(0, u16::MAX));
    Some(Prometheus {
        host: host?,
        port: port?,
    })
}

/// `service.name` and the other resource attributes; `OTEL_SERVICE_NAME` is stronger than the same
/// attribute in `OTEL_RESOURCE_ATTRIBUTES`.
fn resource(reader: &mut Reader<'_>) -> Vec<KeyValue> {
    let name_said = reader.is_said("service-name");
    let name = reader.text("service-name").unwrap_or_default();
    let listed = reader
        .read("resource-attributes", pairs)
        .unwrap_or_default();
    let mut resource: BTreeMap<String, String> = listed.into_iter().collect();
    if name_said || !resource.contains_key("service.name") {
        resource.insert("service.name".to_owned(), name);
    }
    resource
        .entry("service.version".to_owned())
        .or_insert_with(|| env!("CARGO_PKG_VERSION").to_owned());
    resource
        .into_iter()
        .map(|(key, value)| KeyValue::new(key, value))
        .collect()
}
