//! Whether destinations take requests: an empty one is sent to each, in the way of a real one.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

use super::encode::{Signal, encode};
use super::settings::{Destination, Otlp, Settings};
use super::transport::{Transport, public_endpoint};

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probed {
    /// Its name and the signal.
    pub(crate) destination: String,
    /// Where it is.
    pub(crate) endpoint: String,
    /// What is wrong, and what to do; `None` if it was taken.
    pub(crate) problem: Option<(String, String)>,
}

/// Sends one to each OTLP destination, to all at once.
pub(crate) async fn all(settings: &Settings, patience: Duration) -> Vec<Probed> {
    let of = |signal: Signal, destinations: &[Destination]| -> Vec<(Signal, Otlp)> {
        let otlp = destinations
            .iter()
            .filter_map(|destination| match destination {
                Destination::Otlp(otlp) => Some((signal, Otlp::clone(otlp))),
                Destination::Console => None,
            });
        otlp.collect()
    };
    let all = [
        of(Signal::Metrics, &settings.metrics),
        of(Signal::Traces, &settings.traces),
        of(Signal::Logs, &settings.logs),
    ];
    let probes = all
        .into_iter()
        .flatten()
        .map(|(signal, otlp)| one(signal, otlp, patience));
    futures_util::future::join_all(probes).await
}

async fn one(signal: Signal, mut otlp: Otlp, patience: Duration) -> Probed {
    otlp.timeout = otlp.timeout.min(patience);
    Probed {
        destination: format!("{} ({})", otlp.name, signal.as_str()),
        endpoint: public_endpoint(&otlp),
        problem: problem(signal, &otlp).await,
    }
}

async fn problem(signal: Signal, otlp: &Otlp) -> Option<(String, String)> {
    let transport = match Transport::new(signal, otlp) {
        Ok(transport) => transport,
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return Some((all.join("; "), "correct its settings".to_owned()));
        }
    };
    // An empty request of any signal is the same.
    let empty = ExportMetricsServiceRequest::default();
    let body = match encode(&empty, transport.encoding()) {
        Ok(body) => body,
        Err(error) => return Some((error.to_string(), "please report this".to_owned())),
    };
    match transport.send(body).await {
        Ok(None) => None,
        Ok(Some(rejected)) if rejected.items == 0 => None,
        Ok(Some(rejected)) => Some((rejected.reason, "see its own log".to_owned())),
        Err(failure) => Some((failure.detail.clone(), failure.advice().to_owned())),
    }
}
