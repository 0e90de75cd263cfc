//! The observer in a process of its own, whose memory and files are nobody else's. Its time stands
//! still until it is told to go on.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use tesla_observer::budget::{Clock, Governor, Ledger, Moment};
use tesla_observer::fetch::tesla::{Settings as Client, Tesla, TokenStore, request_class};
use tesla_observer::observer::{self, Observer};
use tesla_observer::privacy::Vins;
use tesla_observer::schedule;
use tesla_observer::telemetry::{
    Destination, Otlp, Protocol, Settings, Spool, Telemetry, TemporalityPreference, TlsFiles,
};
use tesla_observer::terminal::{Kind, paint};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::task::{JoinHandle, spawn_blocking, yield_now};
use tokio::time::{Instant, advance};

/// Where it is steered from. It is no observer if nobody steers it.
pub(crate) const CONTROL: &str = "SOAK_CONTROL";
/// Where its tokens and its spool are.
pub(crate) const FOLDER: &str = "SOAK_FOLDER";
/// Where its cars are.
pub(crate) const API: &str = "SOAK_API";
/// Where it exports to, with commas between: the receiver that is well, the other over HTTP, and the
/// other over gRPC.
pub(crate) const RECEIVERS: &str = "SOAK_RECEIVERS";
/// Whose cars.
pub(crate) const ACCOUNT: &str = "driver@example.com";
/// What the destinations are called.
pub(crate) const NAMES: [&str; 3] = ["well", "http", "grpc"];

/// For one request: many steps of the clock, so that none that is answered at once is ever too late.
const TIMEOUT: Duration = Duration::from_secs(31);

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Observes until it is told to end.
pub(crate) fn run(control: &str) -> Result {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .init();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        // One holds the time, one works.
        .max_blocking_threads(2)
        .build()?;
    runtime.block_on(async {
        // Time that stands still goes on by itself when nothing is to be done, whatever is under way on
        // the network, but for as long as a thread is at work.
        let (end, ended) = mpsc::channel::<()>();
        let hold = spawn_blocking(move || ended.recv().is_err());
        steer(TcpStream::connect(control).await?).await?;
        drop(end);
        hold.await?;
        Ok(())
    })
}

/// Does what it is told, a line at a time.
async fn steer(control: TcpStream) -> Result {
    control.set_nodelay(true)?;
    let (read, mut write) = control.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut observed = None;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split_once(' ') {
            Some(("advance", milliseconds)) => {
                advance(Duration::from_millis(milliseconds.parse()?)).await;
                go_on().await;
                String::new()
            }
            _ if line == "go on" => {
                go_on().await;
                String::new()
            }
            _ if line == "begin" => {
                observed = Some(Observed::begin()?);
                String::new()
            }
            // How many tasks live, and why it observes no more.
            _ if line == "tasks" => {
                let ended = match observed.as_mut() {
                    Some(own) if own.task.is_finished() => (&mut own.task).await?,
                    _ => String::new(),
                };
                let tasks = Handle::current().metrics().num_alive_tasks();
                format!("{tasks} {ended}")
            }
            // What is not delivered.
            _ if line == "end" => match observed.take() {
                Some(own) => own.end().await,
                None => String::new(),
            },
            _ => return Err(format!("what is {line:?}?").into()),
        };
        let answer = answer.replace('\n', " ") + "\n";
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// Each time, all has run that does not wait for the network, the network and the timers were looked
/// at, and what was to be written has been: there is but one thread for that.
async fn go_on() {
    for _ in 0..3 {
        yield_now().await;
        let _ = spawn_blocking(|| {}).await;
    }
}

struct Observed {
    telemetry: Telemetry,
    tesla: Arc<Tesla>,
    /// Ends with why it ended.
    task: JoinHandle<String>,
}

impl Observed {
    /// As `tesla-observer run` does it.
    fn begin() -> Result<Self> {
        let folder = PathBuf::from(env::var(FOLDER)?);
        let telemetry = Telemetry::start(telemetry(&folder)?)
            .map_err(|errors| format!("{:?}", errors.iter().map(ToString::to_string)))?;
        telemetry.say_what_was_found();
        let state = folder.join("state");
        let governor = Governor::new(None, Ledger::in_directory(&state, ACCOUNT), clock());
        let own: Arc<OnceLock<Telemetry>> = Arc::default();
        let (counted, budget) = (Arc::clone(&own), Arc::clone(&governor));
        let _ = own.set(telemetry.clone());
        let api = env::var(API)?;
        let client = Client {
            api_host: Some(api.parse()?),
            auth_host: Some(api.parse()?),
            timeout: TIMEOUT,
            on_request: Some(Arc::new(move |request| {
                if let Some(telemetry) = counted.get() {
                    let own = telemetry.own();
                    own.request_done(request);
                    own.asked(request_class(request.route));
                    own.budget(&budget.standing());
                }
            })),
            governor,
            ..Client::default()
        };
        let store = TokenStore::open(&state)?;
        let account = store.load(ACCOUNT)?;
        let tesla = Arc::new(Tesla::new(client, account, store)?);
        let (board, _) = paint(Kind::Off, String::new());
        let observer = Observer::new(
            Arc::clone(&tesla),
            telemetry.clone(),
            telemetry.fleet()?,
            board,
            observer::Settings {
                vehicles: Vec::new(),
                shard: None,
                schedule: schedule(),
                list_interval: Duration::from_secs(600),
                once: false,
                vins: Vins::Plain,
            },
        );
        let task = tokio::spawn(async move {
            match observer.run().await {
                Ok(()) => "it ended".to_owned(),
                Err(error) => error.to_string(),
            }
        });
        Ok(Self {
            telemetry,
            tesla,
            task,
        })
    }

    /// What was not delivered, if anything.
    async fn end(self) -> String {
        self.task.abort();
        let _ = self.task.await;
        self.tesla.settle().await;
        match self.telemetry.shutdown(Duration::from_secs(60)).await {
            Ok(()) => String::new(),
            Err(lost) => lost.to_string(),
        }
    }
}

/// Slower than usual, so that a month is over in minutes; what cars need to fall asleep is as ever.
fn schedule() -> schedule::Settings {
    schedule::Settings {
        asleep: Duration::from_secs(120),
        idle: Duration::from_secs(120),
        driving: Duration::from_secs(60),
        charging: Duration::from_secs(120),
        ..schedule::Settings::default()
    }
}

/// The machine's clocks at the start, and then this runtime's.
fn clock() -> Clock {
    let (wall, start) = (SystemTime::now(), Instant::now());
    Clock::from_fn(move || Moment {
        wall: wall + start.elapsed(),
        runs: Instant::now().into_std(),
    })
}

fn telemetry(folder: &std::path::Path) -> Result<Settings> {
    let receivers = env::var(RECEIVERS)?;
    let places = NAMES.into_iter().zip(receivers.split(','));
    let metrics = places.map(|(name, address)| {
        let is_grpc = name == "grpc";
        let (protocol, path) = match is_grpc {
            true => (Protocol::Grpc, ""),
            false => (Protocol::HttpProtobuf, "v1/metrics"),
        };
        Ok(Destination::Otlp(Box::new(Otlp {
            name: name.to_owned(),
            protocol,
            endpoint: format!("http://{address}/{path}").parse()?,
            headers: Vec::new(),
            timeout: TIMEOUT,
            compression: None,
            tls: TlsFiles::default(),
            temporality: TemporalityPreference::Cumulative,
        })))
    });
    Ok(Settings {
        resource: vec![KeyValue::new("service.name", "tesla-observer")],
        metrics: metrics.collect::<Result<_>>()?,
        sinks: Vec::new(),
        prometheus: None,
        scraped: false,
        traces: Vec::new(),
        logs: Vec::new(),
        spool: Some(Spool {
            directory: folder.join("spool"),
            max: 1 << 30,
        }),
        own_interval: Duration::from_secs(600),
    })
}
