//! A backend that is away for a day, and an observer that is killed in the meantime: afterwards every
//! sample that was on disk is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant, UNIX_EPOCH};

use metric_tests::outage::{
    SPEED, Sample, bits, cars, decoded, kill, more, of_requests, said, samples, waiting,
};
use metric_tests::process::eventually;
use metric_tests::receiver::{self, Received};
use metric_tests::servers::VictoriaMetrics;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use tokio::runtime::Runtime;

/// A day of the cars.
const DAY: Duration = Duration::from_secs(24 * 3600 / SPEED as u64);

/// The samples of cars that VictoriaMetrics has, and how often.
fn stored(server: &VictoriaMetrics) -> BTreeMap<Sample, usize> {
    let mut samples = BTreeMap::new();
    for mut series in server.series(1) {
        let name = series.metric.remove("__name__").expect("a name");
        // The resource's attributes and the scope's.
        series.metric.retain(|key, _| !key.contains('.'));
        if name.contains('.') {
            continue;
        }
        let labels = said(series.metric);
        for (time, value) in series.timestamps.iter().zip(&series.values) {
            let time = u64::try_from(*time).expect("after 1970");
            let sample = ((name.clone(), labels.clone()), time, bits(*value));
            *samples.entry(sample).or_default() += 1;
        }
    }
    samples
}

/// What the newest request with samples of cars has that waits on disk.
fn newest(spool: &Path) -> BTreeSet<Sample> {
    let requests: Vec<ExportMetricsServiceRequest> = decoded(spool, "otlp.metrics");
    let mut each = requests.chunks(1).map(of_requests);
    each.rfind(|own| !own.is_empty())
        .expect("a request of cars")
}

/// What the first request has that the receiver got and that is newer than this, if it was made before
/// the kill.
fn after(newest: &BTreeSet<Sample>, killed: u64, received: &Received) -> BTreeSet<Sample> {
    let latest = newest.iter().map(|own| own.1).max();
    let requests = received.requests();
    let mut each = requests.chunks(1).map(of_requests);
    each.find(|own| own.iter().map(|own| own.1).min() > latest)
        .filter(|own| own.iter().all(|own| own.1 <= killed))
        .unwrap_or_default()
}

#[test]
fn a_day_without_victoria_metrics_and_two_kills_lose_and_double_no_sample() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (data, spool) = (folder.path().join("data"), folder.path().join("spool"));
    let Some(server) = VictoriaMetrics::start_at(0, Some(&data)) else {
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    // Another destination, which is never away, tells what was observed.
    let (witness, observed) = runtime.block_on(receiver::http());
    let observer = cars(folder.path())
        .with("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", server.otlp())
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", witness.port());
    let mut running = observer.start();
    more(&observed, 10);

    let port = server.port();
    server.stop();
    let away = Instant::now();
    let mut kept = Vec::new();
    for _ in 0..2 {
        while away.elapsed() < DAY / 3 {
            more(&observed, 5);
        }
        kill(running);
        let killed = UNIX_EPOCH.elapsed().expect("after 1970").as_millis();
        kept.push((newest(&spool), killed as u64));
        running = observer.start();
        more(&observed, 20);
    }
    while away.elapsed() < DAY {
        more(&observed, 5);
    }
    let waited = waiting(&spool, "otlp.metrics").len();
    let server = VictoriaMetrics::start_at(port, Some(&data)).expect("it is installed");
    eventually("an empty spool", || {
        (waiting(&spool, "otlp.metrics").len() < 3).then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    assert!(!log.contains("not everything"), "{log}");
    assert_eq!(waiting(&spool, "otlp.metrics").len(), 0);

    let sent = samples(&observed);
    let stored = eventually("the last samples", || {
        let stored = stored(&server);
        let last = sent.iter().map(|(_, time, _)| time).max();
        (stored.keys().map(|(_, time, _)| time).max() >= last).then_some(stored)
    });
    // A kill comes right after the other destination has got a request. What is just being written then
    // can be there for one of the two only.
    let cut_off = kept
        .iter()
        .map(|(newest, killed)| after(newest, *killed, &observed));
    let behind: BTreeSet<Sample> = cut_off.flatten().collect();
    let ahead: BTreeSet<&Sample> = kept.iter().flat_map(|(newest, _)| newest).collect();
    let missing = |own: &&Sample| !stored.contains_key(*own);
    let (halves, lost): (Vec<_>, Vec<_>) = sent
        .iter()
        .filter(missing)
        .partition(|own| behind.contains(own));
    let unseen: Vec<_> = stored.keys().filter(|own| !sent.contains(own)).collect();
    let doubled = stored.values().filter(|count| **count > 1).count();
    println!(
        "{} samples sent, {} lost, {doubled} doubled; {waited} requests waited for a day; {} were \
         on disk for one destination when a kill came before the other's",
        sent.len(),
        lost.len(),
        halves.len() + unseen.len(),
    );
    assert!(sent.len() > 1_000, "{}", sent.len());
    assert!(waited > 30, "{waited}");
    assert!(lost.is_empty(), "{:?}", &lost[..lost.len().min(5)]);
    assert_eq!(doubled, 0);
    assert!(unseen.iter().all(|own| ahead.contains(own)), "{unseen:?}");
}

/// The requests of one signal that waited, and those that arrived.
fn assert_each_once<T>(signal: &str, waited: &[T], arrived: &[T])
where
    T: PartialEq + std::fmt::Debug,
{
    let places: Vec<usize> = waited
        .iter()
        .map(|one| {
            let mut places = (0..arrived.len()).filter(|place| arrived[*place] == *one);
            let place = places
                .next()
                .unwrap_or_else(|| panic!("{signal} lost: {one:?}"));
            assert_eq!(places.next(), None, "{signal} doubled");
            place
        })
        .collect();
    assert!(places.is_sorted(), "{signal} out of order: {places:?}");
    println!(
        "{signal}: {} requests waited, 0 lost, 0 doubled",
        waited.len()
    );
}

#[test]
fn over_grpc_metrics_traces_and_logs_survive_kills_while_their_receiver_is_away() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = folder.path().join("spool");
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(receiver::nobody());
    let observer = cars(folder.path())
        .otlp("grpc", &format!("http://{address}"))
        // Once a second, what there is.
        .with("OTEL_BSP_SCHEDULE_DELAY", 500)
        .with("OTEL_BLRP_SCHEDULE_DELAY", 500);
    for kills in 1_usize..=2 {
        let running = observer.start();
        eventually("requests of all signals", || {
            let enough = |owner, least: usize| waiting(&spool, owner).len() >= least * kills;
            (enough("otlp.metrics", 10) && enough("otlp.traces", 2) && enough("otlp.logs", 1))
                .then_some(())
        });
        kill(running);
    }
    // Nobody writes any more: this is what has to arrive.
    let metrics: Vec<ExportMetricsServiceRequest> = decoded(&spool, "otlp.metrics");
    let traces: Vec<ExportTraceServiceRequest> = decoded(&spool, "otlp.traces");
    let logs: Vec<ExportLogsServiceRequest> = decoded(&spool, "otlp.logs");

    let received = runtime.block_on(receiver::grpc_at(address));
    let running = observer.start();
    eventually("all that waited", || {
        let arrived = received.requests().len() >= metrics.len()
            && received.traces().len() >= traces.len()
            && received.logs().len() >= logs.len();
        arrived.then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    assert!(
        log.contains("have waited on disk and are sent now"),
        "{log}"
    );
    assert_each_once("metrics", &metrics, &received.requests());
    assert_each_once("traces", &traces, &received.traces());
    assert_each_once("logs", &logs, &received.logs());
    for owner in ["otlp.metrics", "otlp.traces", "otlp.logs"] {
        assert_eq!(waiting(&spool, owner).len(), 0, "{owner}");
    }
}
