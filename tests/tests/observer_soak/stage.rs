//! What is around the observer: the cars' service, the receivers, the paths to them, and the observer's
//! process itself.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path as FilePath;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use metric_tests::proxy::{Path, Proxy};
use metric_tests::receiver::{self, Received};
use metric_tests::soak::plan::{Now, Plan};
use reqwest::Url;
use tempfile::TempDir;
use tesla_observer::fetch::tesla::{Login, Settings as Client, TokenStore};
use tesla_observer::simulator::{Fault, Faults, Settings, Simulator};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::child::{ACCOUNT, API, CONTROL, FOLDER, RECEIVERS};
use crate::record::Record;

/// How long what is under way may take until the clock goes on all the same.
const PATIENCE: Duration = Duration::from_millis(10);
/// The cars' time at the start, after 1970: 2026-06-01 06:00 UTC, a Monday. What they do depends on the
/// day of the week and the hour.
const MONDAY: Duration = Duration::from_secs(1_780_293_600);
/// How long the observer may take to answer.
const ANSWER: Duration = Duration::from_secs(60);

/// Receivers and the paths to them, in the order of [`crate::child::NAMES`]; the first is always well.
pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    api_path: Proxy,
    paths: Vec<Proxy>,
    receivers: Vec<Received>,
    pub(crate) records: Vec<Record>,
    folder: TempDir,
    now: Option<[Now; 2]>,
    /// How many bytes had gone through all paths when it was looked last.
    moved: u64,
    /// Says back what it is told, in its turn.
    echo: TcpStream,
    /// Ends all that is not the observer when it is dropped.
    _running: oneshot::Sender<()>,
}

/// The observer's process.
pub(crate) struct Observer {
    program: Program,
    control: BufReader<TcpStream>,
}

/// Ends when it is dropped.
struct Program(Child);

impl Stage {
    pub(crate) fn new(seed: u64, vehicles: usize) -> Self {
        // One thread, on which everything has its turn.
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let folder = folder();
        let mut paths = Vec::new();
        let mut receivers = Vec::new();
        let (simulator, api_path, echo) = runtime.block_on(async {
            let simulator = Simulator::start(Settings {
                vehicles,
                seed,
                speed: 0.0,
                start: Some(UNIX_EPOCH + MONDAY),
                ..Settings::default()
            });
            let simulator = simulator.await.expect("a free port");
            let api_path = Proxy::start(address(&simulator.url()), seed).await;
            log_in(&simulator, &api_path, folder.path()).await;
            for (place, received) in [
                receiver::http().await,
                receiver::http().await,
                receiver::grpc().await,
            ] {
                paths.push(Proxy::start(place, seed).await);
                receivers.push(received);
            }
            (simulator, api_path, echo().await)
        });
        let (running, ended) = oneshot::channel();
        thread::spawn(move || runtime.block_on(ended));
        let echo = TcpStream::connect(echo).expect("it listens");
        echo.set_nodelay(true).expect("a socket");
        Stage {
            simulator,
            api_path,
            paths,
            records: receivers.iter().map(Record::of).collect(),
            receivers,
            folder,
            now: None,
            moved: 0,
            echo,
            _running: running,
        }
    }

    /// Starts the observer, which does nothing yet.
    pub(crate) fn observer(&self) -> Observer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let control = listener.local_addr().expect("it is bound");
        let receivers: Vec<_> = self
            .paths
            .iter()
            .map(|path| path.address().to_string())
            .collect();
        let child = Command::new(std::env::current_exe().expect("the test's own path"))
            .args(["--exact", "the_observer_in_a_process_of_its_own"])
            .args(["--ignored", "--nocapture"])
            .env(CONTROL, control.to_string())
            .env(FOLDER, self.folder.path())
            .env(API, format!("http://{}/", self.api_path.address()))
            .env(RECEIVERS, receivers.join(","))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.folder.path().join("log")).expect("a file"))
            .spawn()
            .expect("it starts");
        let mut program = Program(child);
        listener.set_nonblocking(true).expect("a socket");
        let start = Instant::now();
        let socket = loop {
            if let Ok((socket, _)) = listener.accept() {
                break socket;
            }
            let waits = start.elapsed() < ANSWER && program.is_running();
            assert!(waits, "it does not come:\n{}", self.log());
            thread::sleep(Duration::from_millis(5));
        };
        socket.set_nonblocking(false).expect("a socket");
        socket.set_nodelay(true).expect("a socket");
        socket.set_read_timeout(Some(ANSWER)).expect("a socket");
        Observer {
            program,
            control: BufReader::new(socket),
        }
    }

    /// What the observer has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Lets go wrong what the plans say for this time, the first for all but the receiver over gRPC,
    /// which has troubles of its own.
    pub(crate) fn set(&mut self, plans: &[Plan; 2], time: Duration) {
        let now = [plans[0].at(time), plans[1].at(time)];
        let before = self.now.replace(now.clone());
        let differs = |same: &dyn Fn(&[Now; 2], &[Now; 2]) -> bool| {
            before.as_ref().is_none_or(|before| !same(before, &now))
        };
        if differs(&|a, b| a[0].answers == b[0].answers) {
            let rules = now[0].answers.rules.iter().cloned();
            let diluted = rules.map(|mut rule| {
                if let Fault::Delay { milliseconds } = &mut rule.fault {
                    *milliseconds /= 50;
                }
                rule
            });
            self.simulator.set_faults(Faults {
                rules: diluted.collect(),
            });
        }
        if differs(&|a, b| a[0].api_path == b[0].api_path) {
            self.api_path.set(diluted(&now[0].api_path));
        }
        for (index, at) in now.iter().enumerate() {
            if differs(&|a, b| a[index].otlp_path == b[index].otlp_path) {
                self.paths[index + 1].set(diluted(&at.otlp_path));
            }
            self.receivers[index + 1].refuse(at.receiver);
        }
    }

    /// Waits until nothing is under way any more, but not for long; whether that is so.
    pub(crate) fn settle(&mut self, observer: &mut Observer) -> bool {
        let start = Instant::now();
        let is_still = loop {
            // What the observer had said before has been heard after that, and what was answered has
            // been read by the observer.
            for _ in 0..2 {
                self.echo();
            }
            observer.tell("go on");
            self.echo();
            let paths = || [&self.api_path].into_iter().chain(&self.paths);
            let moved = paths().map(Proxy::moved).sum::<u64>();
            let is_asked = paths().any(Proxy::is_asked);
            if !is_asked && std::mem::replace(&mut self.moved, moved) == moved {
                break true;
            }
            if start.elapsed() >= PATIENCE {
                break false;
            }
            if is_asked {
                thread::sleep(Duration::from_micros(50));
            }
        };
        for (index, record) in self.records.iter().enumerate() {
            let now = self.now.as_ref().filter(|_| index > 0);
            let passes = now.is_none_or(|now| now[index - 1].otlp_path == Path::Pass);
            record.look(is_still && passes);
        }
        is_still
    }

    /// Returns when all that had come to the services before had its turn.
    fn echo(&mut self) {
        let mut answer = [0];
        let said = self.echo.write_all(&answer);
        let heard = said.and_then(|()| self.echo.read_exact(&mut answer));
        heard.expect("the services run");
    }

    /// How many attempts the receivers have refused.
    pub(crate) fn refused(&self) -> u64 {
        self.receivers.iter().map(Received::refused).sum()
    }

    /// The files that still wait to be sent, and how many requests are in them.
    pub(crate) fn waiting(&self) -> usize {
        let spool = self.folder.path().join("spool");
        let folders = fs::read_dir(spool).into_iter().flatten().flatten();
        let files =
            folders.flat_map(|own| fs::read_dir(own.path()).into_iter().flatten().flatten());
        let segments = files.map(|own| own.path()).filter(|path| is_segment(path));
        let read =
            |path| tesla_observer::telemetry::read_segment(&fs::read(path).unwrap_or_default());
        segments.flat_map(read).count()
    }
}

fn is_segment(path: &FilePath) -> bool {
    path.extension().is_some_and(|own| own == "segment")
}

/// In memory, where the system has a place for that: a month has some hundred thousand writes, each of
/// which a disk would be waited for.
fn folder() -> TempDir {
    let in_memory = FilePath::new("/dev/shm");
    let folder = match in_memory.is_dir() {
        true => tempfile::tempdir_in(in_memory),
        false => tempfile::tempdir(),
    };
    folder.expect("a temporary folder")
}

/// A service that says everything back.
async fn echo() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("the one that connects");
        let _ = socket.set_nodelay(true);
        let (mut read, mut write) = socket.split();
        let _ = tokio::io::copy(&mut read, &mut write).await;
    });
    address
}

/// As slow as it is meant to be, for a clock that runs so much faster: what comes late comes within a
/// step or the next.
fn diluted(path: &Path) -> Path {
    match path {
        Path::Late { first, each } => Path::Late {
            first: *first / 50,
            each: *each / 50,
        },
        Path::Trickle(rate) => Path::Trickle(rate.saturating_mul(20_000)),
        Path::OneOf(paths) => {
            let paths = paths.iter();
            Path::OneOf(
                paths
                    .map(|(weight, path)| (*weight, diluted(path)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// An account whose tokens are where the observer finds them.
async fn log_in(simulator: &Simulator, path: &Proxy, folder: &FilePath) {
    let host: Url = format!("http://{}/", path.address())
        .parse()
        .expect("a URL");
    let client = Client {
        api_host: Some(host.clone()),
        auth_host: Some(host),
        ..Client::default()
    };
    let login = Login::begin(&client, Some(ACCOUNT)).expect("settings");
    let redirect = simulator.approve(login.url()).expect("the owner's yes");
    let account = login.finish(&redirect).await.expect("tokens");
    let store = TokenStore::open(&folder.join("state")).expect("a folder");
    store.save(&account).expect("a writable folder");
}

fn address(url: &Url) -> SocketAddr {
    let address = url.as_str().trim_start_matches("http://");
    address.trim_end_matches('/').parse().expect("an address")
}

impl Observer {
    /// Tells it something; what it answers.
    pub(crate) fn tell(&mut self, line: &str) -> String {
        let socket = self.control.get_mut();
        let told = socket.write_all(format!("{line}\n").as_bytes());
        let mut answer = String::new();
        let read = told.and_then(|()| self.control.read_line(&mut answer));
        assert!(
            read.is_ok_and(|read| read > 0),
            "the observer does not answer to {line:?}; it runs: {}",
            self.program.is_running()
        );
        answer.trim().to_owned()
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.tell(&format!("advance {}", by.as_millis()));
    }

    /// How many tasks it has.
    ///
    /// # Panics
    ///
    /// If it does not observe any more.
    pub(crate) fn tasks(&mut self) -> usize {
        let answer = self.tell("tasks");
        let (tasks, ended) = answer.split_once(' ').unwrap_or((&answer, ""));
        assert_eq!(ended, "", "it does not observe any more");
        tasks.parse().expect("a number")
    }

    /// How many files and connections it has open.
    pub(crate) fn open_files(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.program.0.id()));
        files.map_or(0, Iterator::count)
    }

    /// Its memory in bytes: now, and at most so far.
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.0.id()));
        let status = status.unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB"));
            kibibytes.and_then(|text| text.trim().parse::<u64>().ok())
        };
        let bytes = |name| field(name).expect("Linux says it") * 1024;
        (bytes("VmRSS:"), bytes("VmHWM:"))
    }
}

impl Program {
    fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
