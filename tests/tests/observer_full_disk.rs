//! A disk that is full: a small file system in memory, and the real program.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use metric_tests::observer::Observer;
use metric_tests::outage::{cars, decoded, kill, more, samples, waiting};
use metric_tests::process::eventually;
use metric_tests::receiver::{self, Received};
use metric_tests::samples;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Request;
use tempfile::TempDir;
use tesla_observer::history::{Query, Reader};
use tokio::runtime::Runtime;

const METRICS: &str = "otlp.metrics";

/// A file system of 16 MiB. Ends when it is dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None`, with a note, where one may not mount. With `CI` set, that is a failure.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m,mode=700", "none"]);
        let mounted = mount.arg(folder.path()).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(SmallDisk(folder));
        }
        let note = "what happens on a full disk, as this user may not mount one";
        assert!(std::env::var_os("CI").is_none(), "cannot be tested: {note}");
        // Past the test harness, which shows what a test prints only if it fails.
        let _ = writeln!(std::io::stderr(), "not tested: {note}");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Until nothing fits any more.
    fn fill(&self) {
        let mut file = File::create(self.filler()).expect("a writable folder");
        for size in [65536, 1] {
            let zeros = vec![0; size];
            while file.write_all(&zeros).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.filler()).expect("it was filled");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// To somebody who is away, and to a witness who never is.
fn observer(disk: &SmallDisk, away: SocketAddr, witness: SocketAddr) -> Observer {
    cars(disk.path())
        .with(
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            format!("http://{away}"),
        )
        .with("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", witness.port())
}

fn durable(received: &Received) -> Option<f64> {
    let last: BTreeMap<String, f64> = samples::last(
        &received.requests(),
        "observer.export.durable",
        &["destination", "signal"],
    );
    let mut own = last
        .iter()
        .filter(|(key, _)| key.contains("otlp") && key.contains("metrics"));
    own.next().map(|(_, value)| *value)
}

fn is_durable(received: &Received, expected: f64) {
    eventually("observer.export.durable", || {
        (durable(received) == Some(expected)).then_some(())
    });
}

#[test]
fn while_the_disk_is_full_it_goes_on_in_memory_and_loses_nothing() {
    let Some(disk) = SmallDisk::new() else {
        return;
    };
    let spool = disk.path().join("spool");
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(receiver::nobody());
    let (witness, observed) = runtime.block_on(receiver::http());
    let mut running = observer(&disk, address, witness).start();
    more(&observed, 5);
    is_durable(&observed, 1.0);
    disk.fill();
    running.line_with("requests with metrics for otlp wait in memory only");
    is_durable(&observed, 0.0);
    let on_disk = waiting(&spool, METRICS).len();
    assert!(on_disk > 0);
    more(&observed, 30);
    assert_eq!(waiting(&spool, METRICS).len(), on_disk, "nothing was torn");
    disk.free();
    running.line_with("requests with metrics for otlp are kept on disk again");
    is_durable(&observed, 1.0);
    more(&observed, 5);
    assert!(waiting(&spool, METRICS).len() > on_disk + 20);
    let received = runtime.block_on(receiver::grpc_at(address));
    eventually("an empty spool", || {
        (waiting(&spool, METRICS).len() < 3).then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    let told = |text: &str| log.lines().filter(|line| line.contains(text)).count();
    assert_eq!(told("metrics for otlp wait in memory only"), 1, "{log}");
    assert_eq!(
        told("lost"),
        told("are lost when the observer ends"),
        "{log}"
    );
    let (observed, arrived) = (samples(&observed), samples(&received));
    assert!(observed.len() > 500, "{}", observed.len());
    assert_eq!(arrived.symmetric_difference(&observed).count(), 0);
    let requests = received.requests();
    for (place, request) in requests.iter().enumerate() {
        assert!(!requests[..place].contains(request), "twice: {request:?}");
    }
    println!(
        "{} samples on a disk that was full: 0 lost, 0 doubled",
        arrived.len()
    );
}

#[test]
fn what_waited_before_the_disk_was_full_survives_a_kill_and_is_taken_from_the_full_disk() {
    let Some(disk) = SmallDisk::new() else {
        return;
    };
    let spool = disk.path().join("spool");
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(receiver::nobody());
    let (witness, observed) = runtime.block_on(receiver::http());
    let observer = observer(&disk, address, witness);
    let mut running = observer.start();
    more(&observed, 10);
    disk.fill();
    running.line_with("requests with metrics for otlp wait in memory only");
    kill(running);
    let waited: Vec<Request> = decoded(&spool, METRICS);
    assert!(waited.len() >= 10);
    let received = runtime.block_on(receiver::grpc_at(address));
    // It is full still.
    let running = observer.start();
    eventually("what waited", || {
        (received.requests().len() >= waited.len()).then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    let arrived = received.requests();
    assert_eq!(arrived[..waited.len()], waited);
}

/// How many times a battery's level has changed in the history of a car.
fn changes(history: &Path) -> usize {
    let reader = Reader::open(history).expect("it can be read");
    let vehicles = reader.vehicles().expect("it can be read");
    let series = vehicles.iter().flat_map(|entry| {
        let query = Query {
            vehicle: &entry.vehicle.key(),
            metric: "chargestate_timestamp",
            from_ms: 0,
            to_ms: i64::MAX,
        };
        reader.series(query).expect("it can be read")
    });
    series.map(|series| series.values.len()).sum()
}

#[test]
fn while_the_disk_is_full_there_is_no_history_and_then_it_goes_on() {
    let Some(disk) = SmallDisk::new() else {
        return;
    };
    let history = disk.path().join("history.sqlite");
    let runtime = Runtime::new().expect("a runtime");
    let (witness, observed) = runtime.block_on(receiver::http());
    let kept = |expected: f64| {
        eventually("observer.history.kept", || {
            let last = samples::last(&observed.requests(), "observer.history.kept", &[]);
            (last.into_values().next() == Some(expected)).then_some(())
        });
    };
    let mut running = Observer::of_simulated_cars()
        .with("SIMULATOR_SPEED", 8640)
        .with("SCRAPE_INTERVAL_SEC", 0.25)
        .with("OTEL_METRIC_EXPORT_INTERVAL", 500)
        .with("TESLA_OBSERVER_DISPLAY", "off")
        .with("TESLA_OBSERVER_SPOOL_DIR", "none")
        .with("TESLA_OBSERVER_HISTORY", history.display())
        .otlp("http/protobuf", &format!("http://{witness}"))
        .start();
    more(&observed, 5);
    kept(1.0);
    disk.fill();
    running.line_with("Observing goes on without a history");
    kept(0.0);
    let before = changes(&history);
    assert!(before > 0);
    // Nothing else is held up.
    more(&observed, 10);
    disk.free();
    running.line_with("is written again");
    kept(1.0);
    eventually("more of it", || {
        (changes(&history) > before + 10).then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    assert!(log.contains("the disk is full; free some space"), "{log}");
    let told = log.matches("without a history").count();
    assert!(told <= 3, "{told} times: {log}");
}

#[test]
fn where_nothing_can_be_written_there_is_no_history_and_that_is_said() {
    let Some(disk) = SmallDisk::new() else {
        return;
    };
    let mut mount = Command::new("mount");
    let remounted = mount.args(["-o", "remount,ro"]).arg(disk.path()).status();
    assert!(remounted.is_ok_and(|status| status.success()));
    let (status, log) = Observer::of_simulated_cars()
        .with(
            "TESLA_OBSERVER_HISTORY",
            disk.path().join("history.sqlite").display(),
        )
        .with("TESLA_OBSERVER_DISPLAY", "off")
        .once();
    assert!(status.success(), "{log}");
    assert!(log.contains("Read-only file system"), "{log}");
    assert!(
        log.contains("correct the permissions, or give another file with --history"),
        "{log}"
    );
    assert!(log.contains("Observing goes on without a history"), "{log}");
}
