//! Real servers on loopback, for as long as a test needs them: VictoriaMetrics, Prometheus and an
//! OpenTelemetry Collector, which `.ci/servers/install` puts into `target/test-servers`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use reqwest::Url;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::process::{PATIENCE, Process, eventually};

/// Starts the program `name` with the arguments that `arguments` gives for its folder; `None`, with
/// a note, if it is not installed.
fn start(name: &str, arguments: impl FnOnce(&Path) -> Vec<String>) -> Option<Process> {
    let program = installed(name)?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments = arguments(folder.path());
    Some(Process::start(
        Command::new(program).args(arguments),
        folder,
    ))
}

/// The program, or the library, if it is installed.
///
/// # Panics
///
/// If it is not, in CI, where it must be.
pub fn installed(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("METRIC_TEST_SERVERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-servers"),
        PathBuf::from,
    );
    let program = folder.join(name);
    if program.exists() {
        return Some(program);
    }
    let missing = format!("{name} is not installed: run .ci/servers/install");
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    // Past the test harness, which shows what a test prints only if it fails.
    let _ = writeln!(std::io::stderr(), "not tested: {missing}");
    None
}

/// VictoriaMetrics.
pub struct VictoriaMetrics {
    server: Process,
    url: String,
}

impl VictoriaMetrics {
    /// Starts one with an empty database, if it is installed.
    pub fn start() -> Option<Self> {
        Self::start_at(0, None)
    }

    /// Starts one at this port with the database of this folder, if it is installed.
    pub fn start_at(port: u16, data: Option<&Path>) -> Option<Self> {
        Self::start_with(port, data, &[])
    }

    /// Starts one that gives metrics Prometheus' names, with suffixes for units and kinds.
    pub fn with_prometheus_names() -> Option<Self> {
        Self::start_with(0, None, &["-opentelemetry.usePrometheusNaming"])
    }

    fn start_with(port: u16, data: Option<&Path>, more: &[&str]) -> Option<Self> {
        let mut server = start("victoria-metrics", |folder| {
            let data = data.map_or_else(|| folder.join("data"), Path::to_owned);
            let more = more.iter().map(|flag| (*flag).to_owned());
            [
                format!("-httpListenAddr=127.0.0.1:{port}"),
                format!("-storageDataPath={}", data.display()),
                "-retentionPeriod=100y".into(),
                "-search.latencyOffset=0s".into(),
                "-search.disableCache".into(),
            ]
            .into_iter()
            .chain(more)
            .collect()
        })?;
        let line = server.line_with("started server at ");
        let (_, url) = line
            .split_once("started server at ")
            .expect("the line has it");
        Some(VictoriaMetrics {
            url: url.trim_end_matches('/').to_owned(),
            server,
        })
    }

    /// Stops it in an orderly way.
    pub fn stop(self) {
        self.server.stop();
    }

    /// Where it answers Prometheus' HTTP API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        let url = Url::parse(&self.url).expect("the server's own address");
        url.port().expect("it has one")
    }

    /// Where OTLP goes.
    pub fn otlp(&self) -> String {
        format!("{}/opentelemetry/v1/metrics", self.url)
    }

    /// All samples, as `(labels, values)`, once there are `count` series of them.
    pub fn series(&self, count: usize) -> Vec<Series> {
        // {__name__!=""}
        let all = format!(
            "{}/api/v1/export?match[]=%7B__name__!%3D%22%22%7D",
            self.url
        );
        let start = Instant::now();
        loop {
            get(&format!("{}/internal/force_flush", self.url));
            let body = get(&all);
            let series: Vec<Series> = body
                .lines()
                .map(|line| serde_json::from_str(line).expect("a series a line"))
                .collect();
            if series.len() >= count || start.elapsed() > PATIENCE {
                return series;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl VictoriaMetrics {
    /// What a PromQL query finds now, once that is `count` series.
    pub fn query(&self, promql: &str, count: usize) -> Vec<(BTreeMap<String, String>, f64)> {
        query(&self.url, promql, count, || {
            get(&format!("{}/internal/force_flush", self.url));
        })
    }
}

/// A series as VictoriaMetrics exports it.
#[derive(Debug, serde::Deserialize)]
pub struct Series {
    /// The labels, the name among them as `__name__`.
    pub metric: BTreeMap<String, String>,
    /// The values.
    pub values: Vec<f64>,
    /// When, in milliseconds since 1970.
    pub timestamps: Vec<i64>,
}

fn get(url: &str) -> String {
    let response = reqwest::blocking::get(url).expect("the server answers");
    assert!(
        response.status().is_success(),
        "{url}: {}",
        response.status()
    );
    response.text().expect("the server answers in full")
}

/// What a PromQL query finds now, by Prometheus' own HTTP API, once that is `count` series.
fn query(
    url: &str,
    promql: &str,
    count: usize,
    flush: impl Fn(),
) -> Vec<(BTreeMap<String, String>, f64)> {
    let url = Url::parse_with_params(&format!("{url}/api/v1/query"), [("query", promql)])
        .expect("the server's own address");
    eventually(&format!("{count} series of {promql}"), || {
        flush();
        let answer: Value = serde_json::from_str(&get(url.as_str())).expect("JSON");
        assert_eq!(answer["status"], "success", "{promql}: {answer}");
        let found = answer["data"]["result"].as_array().expect("a vector");
        let series = found.iter().map(|one| {
            let labels = serde_json::from_value(one["metric"].clone()).expect("labels");
            let value = one["value"][1].as_str().expect("a number as text");
            (labels, value.parse().expect("a number"))
        });
        (found.len() >= count).then(|| series.collect())
    })
}

/// Prometheus, scraping one target.
pub struct Prometheus {
    _server: Process,
    url: String,
}

impl Prometheus {
    /// Starts one that scrapes `target` (host and port), if it is installed.
    pub fn start(target: &str) -> Option<Self> {
        let mut server = start("prometheus", |folder| {
            let config = folder.join("prometheus.yml");
            let text = format!(
                "global: {{scrape_interval: 500ms}}\n\
                 scrape_configs: [{{job_name: observer, static_configs: [{{targets: [{target:?}]}}]}}]\n"
            );
            fs::write(&config, text).expect("a writable temporary folder");
            vec![
                format!("--config.file={}", config.display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                "--web.listen-address=127.0.0.1:0".into(),
            ]
        })?;
        let line = server.line_with("Listening on");
        let (_, address) = line.rsplit_once("address=").expect("the line has it");
        let url = format!("http://{}", address.trim_matches('"'));
        server.line_with("Server is ready");
        Some(Prometheus {
            _server: server,
            url,
        })
    }

    /// Where it answers Prometheus' HTTP API.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a PromQL query finds now, once that is `count` series.
    pub fn query(&self, promql: &str, count: usize) -> Vec<(BTreeMap<String, String>, f64)> {
        query(&self.url, promql, count, || {})
    }
}

/// What `promtool check metrics` has to say of a scrape, and whether it takes it, if it is installed.
pub fn promtool(scrape: &str) -> Option<(bool, Vec<String>)> {
    let mut tool = Command::new(installed("promtool")?)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    let mut stdin = tool.stdin.take().expect("piped above");
    let scrape = scrape.to_owned();
    let writing = thread::spawn(move || stdin.write_all(scrape.as_bytes()));
    let output = tool.wait_with_output().expect("promtool ends");
    writing.join().expect("no panic").expect("promtool reads");
    let said = [output.stdout, output.stderr].concat();
    let lines = String::from_utf8_lossy(&said)
        .lines()
        .map(str::to_owned)
        .collect();
    Some((output.status.success(), lines))
}

/// An OpenTelemetry Collector that writes what it receives to files, one for each signal.
pub struct Collector {
    server: Process,
    grpc: String,
    http: String,
}

impl Collector {
    /// Starts one, if it is installed.
    pub fn start() -> Option<Self> {
        Self::with_metrics_at("/v1/metrics")
    }

    /// Starts one whose path for metrics over HTTP is another.
    pub fn with_metrics_at(path: &str) -> Option<Self> {
        let mut server = start("otelcol", |folder| {
            let config = folder.join("config.yaml");
            fs::write(&config, configuration(folder, path)).expect("a writable temporary folder");
            vec!["--config".into(), config.display().to_string()]
        })?;
        let grpc = endpoint(&server.line_with("Starting GRPC server"));
        let http = endpoint(&server.line_with("Starting HTTP server"));
        server.line_with("Everything is ready");
        Some(Collector { server, grpc, http })
    }

    /// Where OTLP over gRPC goes.
    pub fn grpc(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// Where OTLP metrics over HTTP go.
    pub fn http(&self) -> String {
        format!("{}/v1/metrics", self.http_base())
    }

    /// Where OTLP over HTTP goes, without the signal's path.
    pub fn http_base(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The port for HTTP.
    pub fn http_port(&self) -> &str {
        self.http.rsplit_once(':').expect("host:port").1
    }

    /// All requests with metrics so far. A sender has its answer only after its request is among them.
    pub fn requests(&self) -> Vec<ExportMetricsServiceRequest> {
        self.received("metrics")
    }

    /// All requests with spans so far.
    pub fn traces(&self) -> Vec<ExportTraceServiceRequest> {
        self.received("traces")
    }

    /// All requests with log records so far.
    pub fn logs(&self) -> Vec<ExportLogsServiceRequest> {
        self.received("logs")
    }

    fn received<T: DeserializeOwned>(&self, signal: &str) -> Vec<T> {
        let received = fs::read_to_string(self.server.folder().join(signal));
        let received = received.expect("the collector has created its files");
        let request = |line| serde_json::from_str(line).expect("an OTLP request a line");
        // The last line may be on its way.
        let whole = received.rfind('\n').map_or("", |end| &received[..end]);
        whole.lines().map(request).collect()
    }
}

fn configuration(folder: &Path, metrics_path: &str) -> String {
    let file = |signal: &str| folder.join(signal).display().to_string();
    format!(
        r#"
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:0"}}
      http: {{endpoint: "127.0.0.1:0", metrics_url_path: "{metrics_path}"}}
exporters:
  file/metrics: {{path: "{}"}}
  file/traces: {{path: "{}"}}
  file/logs: {{path: "{}"}}
service:
  telemetry:
    metrics: {{level: none}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [file/metrics]}}
    traces: {{receivers: [otlp], exporters: [file/traces]}}
    logs: {{receivers: [otlp], exporters: [file/logs]}}
"#,
        file("metrics"),
        file("traces"),
        file("logs")
    )
}

/// The address in a line of the Collector's log: text, then JSON with the field `endpoint`.
fn endpoint(line: &str) -> String {
    let json = line.find('{').map(|at| &line[at..]);
    json.and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok())
        .and_then(|fields| fields["endpoint"].as_str().map(str::to_owned))
        .unwrap_or_else(|| panic!("no endpoint in {line:?}"))
}
