//! What the observer costs: its start, its memory after an hour, and its processor time from one car
//! to a thousand, as a user runs it: the program itself against a simulated Tesla and an OTLP
//! receiver, each a process of its own or this one, all on this machine.
//!
//! ```sh
//! cargo bench -p metric-tests --bench observer             # five minutes
//! cargo bench -p metric-tests --bench observer -- --quick  # one minute
//! ```

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use metric_tests::observer::binary;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message as _;
use serde_json::Value;
use tempfile::TempDir;

/// The demo in Python that this replaces: pydantic 2.9, opentelemetry-sdk 1.27, one simulated car, an
/// export a second for a minute, medians of four runs on a machine like this one.
const PYTHON: &str = "\
The Python demo:      start to first export 1.25 s (1 s of it its reader's interval); resident 47 to
                      50 MiB, peak 52 to 55 MiB; 2.6 to 3.3 ms of processor time a cycle of 18 points;
                      8 to 12 µs a point of collection and encoding";

fn main() {
    // `cargo bench` adds `--bench`; `cargo test --benches` does not, and then nothing is measured.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if !has("--bench") {
        return;
    }
    let quick = has("--quick");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (endpoint, received) = runtime.block_on(receiver());

    start(&endpoint, &received, if quick { 3 } else { 9 });
    hour(&endpoint, &received, quick);
    fleets(&endpoint, &received, quick);
    println!("\n{PYTHON}");
}

/// From the start of the process to the first export, which has all that the first car reports.
fn start(endpoint: &str, received: &Received, runs: usize) {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let simulator = Simulator::start(1, 60.0);
            received.reset();
            let started = Instant::now();
            let _observer = Observer::start(&simulator, endpoint, "5");
            received.wait_for(1);
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "Start to first export: {:.0} ms (median of {runs}, {:.0} to {:.0}; must be ≤ 1000)",
        times[runs / 2],
        times[0],
        times[runs - 1]
    );
}

/// The memory over an hour of one car that is asked every ten seconds, on a clock that runs a hundred
/// times as fast: 360 cycles, all signals exported, and the observer's own metrics each second.
fn hour(endpoint: &str, received: &Received, quick: bool) {
    let cycles = if quick { 60 } else { 360 };
    let simulator = Simulator::start(1, 100.0);
    received.reset();
    let base = endpoint.trim_end_matches("/v1/metrics");
    let everything = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", base),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ("RUST_LOG", "info"),
    ];
    let without = [
        ("TESLA_OBSERVER_HISTORY", "none"),
        ("TESLA_OBSERVER_PAGE", "none"),
    ];
    let less: Vec<_> = everything.iter().chain(&without).copied().collect();
    for (what, more) in [("", &everything[..]), (", no history, no page", &less)] {
        received.reset();
        let observer = Observer::start_with(&simulator, endpoint, "0.1", more);
        let mut resident = Vec::new();
        for part in 1..=6 {
            received.wait_for(cycles * part / 6);
            resident.push(format!("{:.1}", observer.memory("VmRSS:")));
        }
        println!(
            "Memory, 1 car, {cycles} cycles (an hour has 360 at 10 s), metrics, traces and logs{what}: resident after each \
             sixth {} MiB, of them {:.1} its own code, peak {:.1} MiB (must be ≤ 25 and flat)",
            resident.join(", "),
            observer.memory("RssFile:"),
            observer.memory("VmHWM:")
        );
    }
}

/// The cost from one car to a thousand.
fn fleets(endpoint: &str, received: &Received, quick: bool) {
    println!(
        "\n|  cars | interval | cycles | behind | points a cycle | CPU a cycle |   CPU of one core | resident | peak |"
    );
    println!(
        "|------:|---------:|-------:|-------:|---------------:|------------:|------------------:|---------:|-----:|"
    );
    // (cars, interval in seconds): smaller fleets are asked more often, for enough cycles to measure.
    let all = [(1, 0.1), (10, 1.0), (100, 10.0), (1_000, 10.0)];
    for (cars, interval) in all {
        let seconds = match (quick, cars) {
            (true, 100..) => 20.0,
            (true, _) => 5.0,
            (false, 1_000) => 60.0,
            (false, _) => 40.0,
        };
        let simulator = Simulator::start(cars, 1.0);
        received.reset();
        let observer = Observer::start(&simulator, endpoint, &interval.to_string());
        // Every car once: from then on it is at its usual pace.
        received.wait_for(u64::from(cars));
        let (cycles, points, cpu) = (received.cycles(), received.points(), observer.cpu());
        let started = Instant::now();
        thread::sleep(Duration::from_secs_f64(seconds));
        let elapsed = started.elapsed().as_secs_f64();
        let cycles = received.cycles() - cycles;
        let points = received.points() - points;
        let cpu = observer.cpu() - cpu;
        let wanted = elapsed / interval * f64::from(cars);
        println!(
            "| {cars:>5} | {interval:>6} s | {cycles:>6} | {:>4.1} % | {:>14.0} | {:>8.2} ms | {:>15.1} % | {:>4.1} MiB | {:>4.1} |",
            (1.0 - cycles as f64 / wanted).max(0.0) * 100.0,
            points as f64 / cycles as f64,
            cpu * 1e3 / cycles as f64,
            cpu / elapsed * 100.0,
            observer.memory("VmRSS:"),
            observer.memory("VmHWM:"),
        );
    }
}

/// What has arrived of cars.
#[derive(Clone, Default)]
struct Received(Arc<Counts>);

#[derive(Default)]
struct Counts {
    cycles: AtomicU64,
    points: AtomicU64,
    /// Exports of an observer that was stopped can still be under way.
    busy: Mutex<()>,
}

impl Received {
    fn reset(&self) {
        let _busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.cycles.store(0, Ordering::Relaxed);
        self.0.points.store(0, Ordering::Relaxed);
    }

    fn cycles(&self) -> u64 {
        self.0.cycles.load(Ordering::Relaxed)
    }

    fn points(&self) -> u64 {
        self.0.points.load(Ordering::Relaxed)
    }

    fn wait_for(&self, cycles: u64) {
        let started = Instant::now();
        while self.cycles() < cycles {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "nothing arrives"
            );
            thread::sleep(Duration::from_micros(200));
        }
    }

    fn keep(&self, body: Bytes) {
        let Ok(request) = ExportMetricsServiceRequest::decode(body) else {
            return;
        };
        let _busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let scopes = request
            .resource_metrics
            .iter()
            .flat_map(|resource| &resource.scope_metrics);
        for metric in scopes.flat_map(|scope| &scope.metrics) {
            let points = match &metric.data {
                Some(Data::Gauge(gauge)) => gauge.data_points.len() as u64,
                _ => continue,
            };
            // The observer's own are not the cars'.
            if metric.name.contains('.') {
                continue;
            }
            self.0.points.fetch_add(points, Ordering::Relaxed);
            if metric.name == "vehicle_state_online" {
                self.0.cycles.fetch_add(points, Ordering::Relaxed);
            }
        }
    }
}

/// A receiver of OTLP over HTTP, in this process.
async fn receiver() -> (String, Received) {
    async fn metrics(State(received): State<Received>, body: Bytes) {
        received.keep(body);
    }
    let received = Received::default();
    async fn others(body: Bytes) {
        drop(body);
    }
    let router = Router::new()
        .route("/v1/metrics", post(metrics))
        .route("/v1/traces", post(others))
        .route("/v1/logs", post(others))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/v1/metrics"), received)
}

/// A simulated Tesla in a process of its own.
struct Simulator {
    process: Child,
    url: String,
    token: String,
}

impl Simulator {
    fn start(cars: u32, speed: f64) -> Self {
        let mut process = Command::new(binary())
            .args([
                "simulate",
                "--vehicles",
                &cars.to_string(),
                "--speed",
                &speed.to_string(),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("piped above"));
        let url = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let mut words = line.split_whitespace();
                words
                    .find(|word| word.starts_with("http://"))
                    .map(str::to_owned)
            })
            .expect("it says where it is");
        let url = url.trim_end_matches('/').to_owned();
        let tokens = reqwest::blocking::Client::new()
            .post(format!("{url}/simulator/tokens"))
            .send()
            .and_then(reqwest::blocking::Response::text)
            .expect("tokens");
        let tokens: Value = serde_json::from_str(&tokens).expect("JSON");
        let token = tokens["access_token"].as_str().expect("a token").to_owned();
        Self {
            process,
            url,
            token,
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The observer in a process of its own.
struct Observer {
    process: Child,
    /// Of its own: what another one has left is not what it costs.
    _home: TempDir,
}

impl Observer {
    fn start(simulator: &Simulator, endpoint: &str, interval: &str) -> Self {
        Self::start_with(simulator, endpoint, interval, &[("RUST_LOG", "error")])
    }

    fn start_with(
        simulator: &Simulator,
        endpoint: &str,
        interval: &str,
        more: &[(&str, &str)],
    ) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let process = Command::new(binary())
            .env_clear()
            .env("HOME", home.path())
            .env("TESLA_API_HOST", &simulator.url)
            .env("TOKEN", &simulator.token)
            .env("SCRAPE_INTERVAL_SEC", interval)
            .env("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", endpoint)
            .envs(more.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Self {
            process,
            _home: home,
        }
    }

    fn proc(&self, file: &str) -> String {
        let path = Path::new("/proc")
            .join(self.process.id().to_string())
            .join(file);
        fs::read_to_string(path).expect("Linux, and the observer runs")
    }

    /// A line of `/proc/<pid>/status`, in MiB.
    fn memory(&self, line: &str) -> f64 {
        let status = self.proc("status");
        let found = status
            .lines()
            .find_map(|text| text.strip_prefix(line))
            .expect("it is there");
        let kibibytes = found.trim().trim_end_matches("kB").trim();
        kibibytes.parse::<f64>().expect("a number") / 1024.0
    }

    /// Processor time so far, in seconds.
    fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        // The name, in parentheses, may have blanks.
        let (_, rest) = stat.rsplit_once(')').expect("it is there");
        let ticks = rest.split_whitespace().skip(11).take(2);
        let ticks: f64 = ticks
            .map(|ticks| ticks.parse::<f64>().expect("a number"))
            .sum();
        ticks / ticks_per_second()
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ticks_per_second() -> f64 {
    let output = Command::new("getconf").arg("CLK_TCK").output();
    output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok())
        .unwrap_or(100.0)
}
