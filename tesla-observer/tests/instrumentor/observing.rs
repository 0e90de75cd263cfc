//! A garage that is observed, and what comes out: on the Prometheus endpoint and in the log.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tesla_observer::fetch::FetchError;
use tesla_observer::observer::{Observer, Settings};
use tesla_observer::telemetry::{self, Prometheus, Telemetry};
use tesla_observer::terminal::Board;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Result;
use crate::garage::Garage;

/// A garage that is being observed.
pub(crate) struct Observing {
    address: SocketAddr,
    pub(crate) run: JoinHandle<std::result::Result<(), FetchError>>,
}

impl Observing {
    pub(crate) fn start(garage: &Arc<Garage>, settings: Settings) -> Result<Self> {
        let telemetry = Telemetry::start(telemetry::Settings {
            resource: Vec::new(),
            metrics: Vec::new(),
            prometheus: Some(Prometheus {
                host: "127.0.0.1".to_owned(),
                port: 0,
            }),
            sinks: Vec::new(),
            scraped: false,
            traces: Vec::new(),
            logs: Vec::new(),
            spool: None,
            own_interval: Duration::from_secs(3600),
        })
        .map_err(|errors| format!("{errors:?}"))?;
        let addresses = telemetry.prometheus_addresses().to_vec();
        let fleet = telemetry.fleet()?;
        let observer = Observer::new(garage.clone(), telemetry, fleet, Board::off(), settings);
        Ok(Self {
            address: *addresses.first().ok_or("no address")?,
            run: tokio::spawn(observer.run()),
        })
    }

    /// How it ended, which must not take for ever.
    pub(crate) async fn ended(self) -> Result<std::result::Result<(), FetchError>> {
        Ok(timeout(Duration::from_secs(3600), self.run).await??)
    }

    /// What the Prometheus endpoint says now of mopeds and vehicles. Time stands still meanwhile.
    pub(crate) async fn scrape(&self) -> Result<Vec<String>> {
        let address = self.address;
        let answer = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(address)?;
            let request = "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        })
        .await??;
        let lines = answer.lines().filter(|line| {
            ["moped_", "vehicle_", "observer_"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        Ok(lines.map(str::to_owned).collect())
    }
}

/// The value of a series of which the name and the labels are these, whatever others it has.
pub(crate) fn value(scraped: &[String], name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let mut found = scraped.iter().filter(|line| {
        line.starts_with(name)
            && line[name.len()..].starts_with(['{', '_', ' '])
            && labels
                .iter()
                .all(|(key, value)| line.contains(&format!("{key}=\"{value}\"")))
    });
    found.next()?.rsplit_once(' ')?.1.parse().ok()
}

pub(crate) fn of<'a>(scraped: &'a [String], vin: &str) -> Vec<&'a String> {
    let label = format!("vin=\"{vin}\"");
    scraped
        .iter()
        .filter(|line| line.contains(&label))
        .collect()
}

/// What is logged on this thread, for as long as the guard lives.
pub(crate) fn log() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    #[derive(Clone)]
    struct Sink(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let text = Arc::<Mutex<Vec<u8>>>::default();
    let sink = Sink(text.clone());
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter("tesla_observer=info")
        .with_writer(move || sink.clone())
        .finish();
    (text, tracing::subscriber::set_default(subscriber))
}
