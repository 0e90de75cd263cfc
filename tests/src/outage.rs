//! What waits on disk while a receiver is away, and what arrives in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message;
use tesla_observer::telemetry::read_segment;

use crate::observer::Observer;
use crate::process::{Process, eventually};
use crate::receiver::Received;
use crate::samples::{self, of_cars};

/// A series: its name and its attributes.
pub type Series = (String, BTreeMap<String, String>);
/// A series, when in milliseconds, and the bits of the value.
pub type Sample = (Series, u64, u64);

/// How much faster than ours the cars' clock runs.
pub const SPEED: u32 = 8640;
/// The samples of cars that a receiver got; those that came twice are there once.
pub fn samples(received: &Received) -> BTreeSet<Sample> {
    received.with_requests(of_requests)
}

/// The samples of cars in these requests.
pub fn of_requests(requests: &[ExportMetricsServiceRequest]) -> BTreeSet<Sample> {
    let all = of_cars(requests).into_iter();
    let sample = |own: samples::Sample| {
        let value = bits(own.value.float());
        (
            (own.name, said(own.attributes)),
            own.time / 1_000_000,
            value,
        )
    };
    all.map(sample).collect()
}

/// To Prometheus and its kin, an empty label is none.
pub fn said(mut attributes: BTreeMap<String, String>) -> BTreeMap<String, String> {
    attributes.retain(|_, value| !value.is_empty());
    attributes
}

/// VictoriaMetrics keeps some fifteen digits.
pub fn bits(value: f64) -> u64 {
    let rounded: f64 = format!("{value:.11e}").parse().expect("a number");
    // Zero has two forms.
    (rounded + 0.0).to_bits()
}

/// The requests that wait for a destination's signal.
pub fn waiting(spool: &Path, owner: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(spool.join(owner));
    let paths = files.into_iter().flatten().flatten().map(|own| own.path());
    let mut segments: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|own| own == "segment"))
        .collect();
    segments.sort();
    // One that has been removed in between was delivered.
    let read = |path: PathBuf| read_segment(&fs::read(path).unwrap_or_default());
    segments.into_iter().flat_map(read).collect()
}

/// An observer of simulated cars whose spool is in this folder.
pub fn cars(folder: &Path) -> Observer {
    Observer::of_simulated_cars()
        .with("SIMULATOR_SPEED", SPEED)
        .with("SCRAPE_INTERVAL_SEC", 0.25)
        .with("TESLA_OBSERVER_SPOOL_DIR", folder.join("spool").display())
        .with("OTEL_METRIC_EXPORT_INTERVAL", 1000)
        .with("TESLA_OBSERVER_DISPLAY", "off")
}

/// Waits until a receiver has so many requests more.
pub fn more(received: &Received, requests: usize) {
    let before = received.arrivals().len();
    eventually("requests", || {
        (received.arrivals().len() >= before + requests).then_some(())
    });
}

/// Ends it with SIGKILL.
pub fn kill(observer: Process) {
    drop(observer);
}

/// The requests that wait, decoded.
///
/// # Panics
///
/// If there are none, or one is none.
pub fn decoded<T: Message + Default>(spool: &Path, owner: &str) -> Vec<T> {
    let all = waiting(spool, owner);
    assert!(!all.is_empty(), "no {owner}");
    let decode = |body: Vec<u8>| T::decode(&body[..]).expect("a request");
    all.into_iter().map(decode).collect()
}
