//! Real servers on loopback, for as long as a test needs them: VictoriaMetrics and an
//! OpenTelemetry Collector, which `.ci/servers/install` puts into `target/test-servers`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use tempfile::TempDir;

/// How long a server may take to start, and an export to become visible.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. Ends when it is dropped.
struct Server {
    process: Child,
    log: mpsc::Receiver<String>,
    folder: TempDir,
}

impl Server {
    /// Starts the program `name` with the arguments that `arguments` gives for its folder; `None`,
    /// with a note, if it is not installed.
    fn start(name: &str, arguments: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        let program = installed(name)?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut process = Command::new(&program)
            .args(arguments(folder.path()))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("starting {}: {error}", program.display()));
        let stderr = process.stderr.take().expect("piped above");
        let (line, log) = mpsc::channel();
        // Reads on to the end, so that the server never waits for someone to read its log.
        thread::spawn(move || {
            for text in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = line.send(text);
            }
        });
        Some(Server {
            process,
            log,
            folder,
        })
    }

    /// Waits for a line of the log that has `text`, and returns it.
    fn line_with(&self, text: &str) -> String {
        let mut log = Vec::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => log.push(line),
                Err(_) => panic!("no line with {text:?} in the log:\n{}", log.join("\n")),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, if it is installed. In CI it must be.
fn installed(name: &str) -> Option<PathBuf> {
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
    _server: Server,
    url: String,
}

impl VictoriaMetrics {
    /// Starts one with an empty database, if it is installed.
    pub fn start() -> Option<Self> {
        let server = Server::start("victoria-metrics", |folder| {
            vec![
                "-httpListenAddr=127.0.0.1:0".into(),
                format!("-storageDataPath={}", folder.join("data").display()),
                "-retentionPeriod=100y".into(),
                "-search.latencyOffset=0s".into(),
                "-search.disableCache".into(),
            ]
        })?;
        let line = server.line_with("started server at ");
        let (_, url) = line
            .split_once("started server at ")
            .expect("the line has it");
        Some(VictoriaMetrics {
            url: url.trim_end_matches('/').to_owned(),
            _server: server,
        })
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

/// A series as VictoriaMetrics exports it.
#[derive(Debug, serde::Deserialize)]
pub struct Series {
    /// The labels, the name among them as `__name__`.
    pub metric: std::collections::BTreeMap<String, String>,
    /// The values.
    pub values: Vec<f64>,
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

/// An OpenTelemetry Collector that writes what it receives to a file.
pub struct Collector {
    server: Server,
    grpc: String,
    http: String,
}

impl Collector {
    /// Starts one, if it is installed.
    pub fn start() -> Option<Self> {
        let server = Server::start("otelcol", |folder| {
            let config = folder.join("config.yaml");
            let received = folder.join("received.jsonl");
            fs::write(&config, configuration(&received)).expect("a writable temporary folder");
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

    /// Where OTLP over HTTP goes.
    pub fn http(&self) -> String {
        format!("http://{}/v1/metrics", self.http)
    }

    /// All requests so far. A sender has its answer only after its request is among them.
    pub fn requests(&self) -> Vec<ExportMetricsServiceRequest> {
        let received = self.server.folder.path().join("received.jsonl");
        let received = fs::read_to_string(received).expect("the collector has received something");
        let request = |line| serde_json::from_str(line).expect("an OTLP request a line");
        received.lines().map(request).collect()
    }
}

fn configuration(received: &Path) -> String {
    format!(
        r#"
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: "127.0.0.1:0"}}
      http: {{endpoint: "127.0.0.1:0"}}
exporters:
  file: {{path: "{}"}}
service:
  telemetry:
    metrics: {{level: none}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [file]}}
"#,
        received.display()
    )
}

/// The address in a line of the Collector's log: text, then JSON with the field `endpoint`.
fn endpoint(line: &str) -> String {
    let json = line.find('{').map(|at| &line[at..]);
    json.and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok())
        .and_then(|fields| fields["endpoint"].as_str().map(str::to_owned))
        .unwrap_or_else(|| panic!("no endpoint in {line:?}"))
}
