//! What all these tests have: a simulated Tesla, a receiver that is well, and the observer between
//! them, with short times so that nobody waits for defaults.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metric_tests::observer::Observer;
use metric_tests::process::{self, Process};
use metric_tests::receiver::{self, Received};
use metric_tests::samples::{last, of_cars};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use secrecy::ExposeSecret as _;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};
use tokio::runtime::Runtime;

/// The most memory that the observer may ever have taken, without optimizations. When all is well, it
/// takes 33 MiB; the largest answer that is read is 8 MiB, and each of twenty connections that are
/// flooded has a buffer of up to half a MiB.
const MOST_MEMORY: u64 = 80 * 1024 * 1024;
/// The most lines that say what is wrong. Every car and every destination says it once.
const MOST_WARNINGS: usize = 60;

/// A simulated Tesla whose cars are all awake and stay it, and a receiver.
pub(crate) struct Stage {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) simulator: Simulator,
    pub(crate) token: String,
    /// Takes everything, always.
    pub(crate) well: Received,
    well_at: SocketAddr,
}

impl Stage {
    pub(crate) fn new(vehicles: usize) -> Self {
        Self::with(Settings {
            vehicles,
            speed: 0.0,
            ..Settings::default()
        })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let runtime = Arc::new(Runtime::new().expect("a runtime"));
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .expect("a free port");
        let token = simulator.issue_tokens().access_token;
        let (well_at, well) = runtime.block_on(receiver::http());
        let stage = Stage {
            runtime,
            simulator,
            token: token.expose_secret().to_owned(),
            well,
            well_at,
        };
        stage.wake();
        stage
    }

    /// Wakes all cars, as their owner would.
    fn wake(&self) {
        let client = reqwest::blocking::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        for vin in self.simulator.vins() {
            let url = format!("{}api/1/vehicles/{vin}/wake_up", self.simulator.url());
            let answer = client.post(url).bearer_auth(&self.token).send();
            assert!(answer.is_ok_and(|answer| answer.status().is_success()));
        }
        self.simulator.clock().advance(Duration::from_secs(90));
    }

    /// Where the simulated Tesla is.
    pub(crate) fn api(&self) -> SocketAddr {
        let url = self.simulator.url();
        let address = url.as_str().trim_start_matches("http://");
        address.trim_end_matches('/').parse().expect("an address")
    }

    /// Waits until the own metric has at least this much at this key.
    pub(crate) fn counted(&self, what: &str, metric: &str, keys: &[&str], key: &str, least: f64) {
        eventually(&format!("{what}: {metric} of {key}"), || {
            (self.own(metric, keys).get(key).copied() >= Some(least)).then_some(())
        });
    }

    /// An observer that asks often and is not patient, with the receiver that is well as GreptimeDB.
    pub(crate) fn observer(&self, api: &str) -> Observer {
        self.brief(Observer::of(api, &self.token))
    }

    pub(crate) fn brief(&self, observer: Observer) -> Observer {
        observer
            .with("GREPTIME_HOST", self.well_at.ip())
            .with("GREPTIME_PORT", self.well_at.port())
            .with("SCRAPE_INTERVAL_SEC", "0.5")
            .with("TESLA_TIMEOUT_SEC", "2")
            .with("OTEL_EXPORTER_OTLP_TIMEOUT", "1500")
            .with("OTEL_METRIC_EXPORT_INTERVAL", "300")
            .with("OTEL_BSP_SCHEDULE_DELAY", "300")
            .with("OTEL_BLRP_SCHEDULE_DELAY", "300")
    }

    /// What goes wrong with vehicle_data.
    pub(crate) fn break_data(&self, faults: impl IntoIterator<Item = (String, Fault)>) {
        let rules = faults.into_iter().map(|(vin, fault)| Rule {
            route: Some(Route::VehicleData),
            vehicle: Some(vin),
            fault,
            when: When::Always,
        });
        self.simulator.set_faults(Faults {
            rules: rules.collect(),
        });
    }

    /// One of the observer's own metrics, as the receiver that is well got it.
    pub(crate) fn own(&self, metric: &str, keys: &[&str]) -> BTreeMap<String, f64> {
        self.well.with_requests(|all| last(all, metric, keys))
    }

    /// Waits until all these cars were read after now, and that was exported.
    pub(crate) fn all_read(&self, vins: &[String], what: &str) {
        read_since(&self.well, vins, what, nanos());
    }
}

/// Looks ten times a second: there are many who look.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    process::eventually(what, || {
        let found = look();
        if found.is_none() {
            std::thread::sleep(Duration::from_millis(80));
        }
        found
    })
}

/// So many observers with all that is around them leave each other time on two cores.
const AT_ONCE: usize = 6;

/// Runs what is independent at the same time, some at once, and fails if one of them does.
pub(crate) fn side_by_side<T: Send>(cases: Vec<T>, run: impl Fn(T) + Sync) {
    let cases = Mutex::new(cases.into_iter());
    let next = || cases.lock().unwrap_or_else(PoisonError::into_inner).next();
    let failed: usize = std::thread::scope(|scope| {
        let work = || {
            let cases = std::iter::from_fn(next);
            let run = |case| catch_unwind(AssertUnwindSafe(|| run(case)));
            cases.filter_map(|case| run(case).err()).count()
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let counts = threads.into_iter().map(|thread| thread.join());
        counts.map(|count| count.unwrap_or(1)).sum()
    });
    assert_eq!(failed, 0, "cases have failed, see above");
}

/// Waits until `received` has data of all these cars of after `since`.
pub(crate) fn read_since(received: &Received, vins: &[String], what: &str, since: u64) {
    let (mut read, mut looked_at) = (BTreeSet::new(), 0);
    eventually(&format!("{what}: data of {} cars", vins.len()), || {
        received.with_requests(|all| {
            read.extend(read_in(&all[looked_at..], since));
            looked_at = all.len();
        });
        vins.iter().all(|vin| read.contains(vin)).then_some(())
    });
}

/// The cars whose data were exported after this time.
pub(crate) fn read_after(received: &Received, since: u64) -> BTreeSet<String> {
    received.with_requests(|all| read_in(all, since))
}

fn read_in(requests: &[ExportMetricsServiceRequest], since: u64) -> BTreeSet<String> {
    of_cars(requests)
        .iter()
        .filter(|sample| sample.name == "vehiclestate_odometer" && sample.time > since)
        .map(|sample| sample.attribute("vin").to_owned())
        .collect()
}

/// Now, in nanoseconds since the Unix epoch.
pub(crate) fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.expect("after 1970").as_nanos()).expect("before 2554")
}

/// That the observer runs, with little memory, and ends in order when it is told to: returns its log.
pub(crate) fn ends_well(mut observer: Process, token: &str, what: &str) -> String {
    assert!(
        observer.is_running(),
        "{what}: it ended:\n{}",
        observer.log()
    );
    if let Some(peak) = observer.peak_memory() {
        eprintln!("{what}: peak memory {} KiB", peak / 1024);
        assert!(peak < MOST_MEMORY, "{what}: {peak} bytes of memory");
    }
    let (status, log) = observer.stop();
    assert!(status.success(), "{what}: {status}:\n{log}");
    assert!(!log.contains("panic"), "{what}:\n{log}");
    let warnings = log.matches(" WARN ").count() + log.matches(" ERROR ").count();
    assert!(warnings <= MOST_WARNINGS, "{what}: a flood:\n{log}");
    assert!(!log.contains(token), "{what}: the token is in the log");
    log
}
