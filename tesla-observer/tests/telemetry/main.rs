//! Telemetry against real receivers on loopback.

mod cars;
mod delivery;
mod environment;
mod fleets;
mod own;
mod prometheus;
mod receiver;
mod size;
mod spool;
mod spool_place;
mod tls;
mod tracing;
mod wire;

use std::time::Duration;

use opentelemetry::KeyValue;
use reqwest::Url;
use secrecy::SecretString;
use tesla_observer::telemetry::{
    Destination, Otlp, Protocol, Settings, Telemetry, TemporalityPreference, TlsFiles,
};

/// Nothing waits that long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(120);

/// Goes nowhere.
fn settings() -> Settings {
    Settings {
        resource: vec![KeyValue::new("service.name", "test")],
        metrics: Vec::new(),
        sinks: Vec::new(),
        prometheus: None,
        scraped: false,
        traces: Vec::new(),
        logs: Vec::new(),
        spool: None,
        own_interval: Duration::from_secs(3600),
    }
}

fn otlp(name: &str, protocol: Protocol, endpoint: &str) -> Otlp {
    Otlp {
        name: name.to_owned(),
        protocol,
        endpoint: Url::parse(endpoint).expect("a URL"),
        headers: vec![("x-own".to_owned(), SecretString::from("mine"))],
        timeout: PATIENCE,
        compression: None,
        tls: TlsFiles::default(),
        temporality: TemporalityPreference::default(),
    }
}

fn to(otlp: Otlp) -> Destination {
    Destination::Otlp(Box::new(otlp))
}

fn metrics_to(destinations: impl IntoIterator<Item = Otlp>) -> Settings {
    Settings {
        metrics: destinations.into_iter().map(to).collect(),
        ..settings()
    }
}

fn start(settings: Settings) -> Telemetry {
    Telemetry::start(settings).unwrap_or_else(|errors| panic!("{errors:?}"))
}
