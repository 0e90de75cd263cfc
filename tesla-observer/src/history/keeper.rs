//! The thread that writes the history. Whatever happens to the file, observing goes on.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::place::{self, FileId};
use super::recorder::{RecordError, Recorder};
use super::report::{Report, reports, unix_ms};
use super::schema::Cars;
use super::texts::Texts;
use super::{Settings, Standing};
use crate::telemetry::Sink;

/// How many exports may wait for the disk.
const WAITING: usize = 64;
/// How long it is waited, after something went wrong, until it is tried again.
const AGAIN: Duration = Duration::from_secs(10);
/// How long nothing need happen until something is forgotten, and the file is looked for.
const IDLE: Duration = Duration::from_secs(10);

/// The history that is written while the observer runs. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct History {
    shared: Arc<Shared>,
    jobs: SyncSender<Job>,
}

/// What was written, since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Whether it can be written at present.
    pub kept: bool,
    /// Reports of vehicles that were written.
    pub written: u64,
    /// Reports of vehicles that could not be.
    pub lost: u64,
    /// The size of the file and what belongs to it, in bytes.
    pub size: u64,
}

struct Shared {
    settings: Settings,
    cars: Cars,
    standing: Mutex<Standing>,
    texts: Texts,
    written: AtomicU64,
    lost: AtomicU64,
    told: OnceLock<Box<dyn Fn(Figures) + Send + Sync>>,
}

enum Job {
    Write(Vec<Arc<Report>>),
    /// End, after all that was handed over before.
    End(oneshot::Sender<()>),
}

impl History {
    /// Opens the history, or makes it, and starts what writes it. If it cannot be opened, that is its
    /// [standing](Self::standing), and it is tried again.
    pub fn start(settings: Settings, cars: Cars) -> Self {
        let opened = Recorder::open(&settings, cars);
        let standing = match &opened {
            Ok(_) => Standing::Kept(settings.path.clone()),
            Err(error) => Standing::Failed(error.to_string()),
        };
        let shared = Arc::new(Shared {
            settings,
            cars,
            standing: Mutex::new(standing),
            texts: Texts::default(),
            written: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            told: OnceLock::new(),
        });
        let (jobs, inbox) = sync_channel(WAITING);
        let mut keeper = Keeper {
            shared: Arc::clone(&shared),
            state: match opened {
                Ok(recorder) => State::Writing(Box::new(recorder)),
                Err(_) => State::later(None),
            },
        };
        let started = thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || keeper.run(&inbox));
        if let Err(error) = started {
            // The other end of the channel is gone: all that comes is counted as lost.
            shared.stand(Standing::Failed(format!("starting its thread: {error}")));
        }
        Self { shared, jobs }
    }

    /// Whether it is written.
    pub fn standing(&self) -> Standing {
        self.shared.standing()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.shared.settings.path
    }

    /// What was written.
    pub fn figures(&self) -> Figures {
        self.shared.figures()
    }

    /// Tells of what was written, now and whenever it has changed.
    pub fn tell(&self, of: impl Fn(Figures) + Send + Sync + 'static) {
        of(self.figures());
        let _ = self.shared.told.set(Box::new(of));
    }

    /// Hands reports over to be written, in one transaction. It does not wait for the disk: if too much
    /// waits already, they are lost, counted and said.
    pub fn put(&self, reports: Vec<Arc<Report>>) {
        if reports.is_empty() {
            return;
        }
        match self.jobs.try_send(Job::Write(reports)) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => self.shared.lose(job, "the disk is too slow"),
            Err(TrySendError::Disconnected(job)) => self.shared.lose(job, "its thread has ended"),
        }
    }

    /// Writes what was handed over before, and closes the file; waits no longer than `within`.
    pub async fn close(&self, within: Duration) {
        let (done, closed) = oneshot::channel();
        let jobs = self.jobs.clone();
        // The channel may be full.
        let asked = tokio::task::spawn_blocking(move || jobs.send(Job::End(done)).is_ok());
        let closing = async {
            if asked.await.unwrap_or(false) {
                let _ = closed.await;
            }
        };
        if tokio::time::timeout(within, closing).await.is_err() {
            warn!("the history was not closed in time: its last reports may be missing");
        }
    }
}

impl Sink for History {
    fn take(&self, metrics: &ResourceMetrics) {
        self.put(
            reports(metrics, &self.shared.texts)
                .into_iter()
                .map(Arc::new)
                .collect(),
        );
    }
}

impl Shared {
    fn standing(&self) -> Standing {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.clone()
    }

    /// Changes the standing. Returns whether it is another one.
    fn stand(&self, standing: Standing) -> bool {
        let mut own = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *own != standing;
        *own = standing;
        is_new
    }

    fn lose(&self, job: Job, why: &str) {
        let Job::Write(reports) = job else {
            return;
        };
        let before = self.lost.fetch_add(reports.len() as u64, Ordering::Relaxed);
        if self.stand(Standing::Failed(format!(
            "the history {}: {why}",
            self.settings.path.display()
        ))) {
            warn!(
                "the history {}: {why}; reports are missing from now on ({before} before)",
                self.settings.path.display()
            );
        }
        self.tell();
    }

    fn figures(&self) -> Figures {
        Figures {
            kept: matches!(self.standing(), Standing::Kept(_)),
            written: self.written.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            size: place::size(&self.settings.path),
        }
    }

    fn tell(&self) {
        if let Some(told) = self.told.get() {
            told(self.figures());
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("settings", &self.settings)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// What writes.
struct Keeper {
    shared: Arc<Shared>,
    state: State,
}

enum State {
    Writing(Box<Recorder>),
    /// It is tried again then, unless it is still this damaged file.
    Waiting {
        until: Instant,
        damaged: Option<FileId>,
    },
}

impl State {
    fn later(damaged: Option<FileId>) -> Self {
        Self::Waiting {
            until: Instant::now() + AGAIN,
            damaged,
        }
    }
}

impl Keeper {
    fn run(&mut self, inbox: &Receiver<Job>) {
        let mut more = false;
        let mut looked = Instant::now();
        loop {
            let wait = match more {
                true => Duration::ZERO,
                false => IDLE,
            };
            match inbox.recv_timeout(wait) {
                Ok(Job::Write(reports)) => {
                    // A large fleet leaves no time in between.
                    if looked.elapsed() >= IDLE {
                        looked = Instant::now();
                        self.look();
                    }
                    self.write(&reports);
                    // Forgetting goes on beside a fleet that never pauses.
                    more = self.forget();
                }
                Ok(Job::End(done)) => {
                    self.state = State::later(None);
                    self.shared.tell();
                    let _ = done.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {
                    looked = Instant::now();
                    self.look();
                    more = self.forget();
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn write(&mut self, reports: &[Arc<Report>]) {
        self.try_again();
        let count = reports.len() as u64;
        let written = match &mut self.state {
            State::Writing(recorder) => recorder.record(reports),
            State::Waiting { .. } => {
                self.shared.lost.fetch_add(count, Ordering::Relaxed);
                self.shared.tell();
                return;
            }
        };
        match written {
            Ok(()) => {
                self.shared.written.fetch_add(count, Ordering::Relaxed);
                // Also after the disk was only too slow.
                self.goes_well();
            }
            Err(error) => {
                self.shared.lost.fetch_add(count, Ordering::Relaxed);
                self.fails(error);
            }
        }
        self.shared.tell();
    }

    fn forget(&mut self) -> bool {
        let State::Writing(recorder) = &mut self.state else {
            return false;
        };
        match recorder.forget(unix_ms(SystemTime::now())) {
            Ok(more) => more,
            Err(error) => {
                self.fails(error);
                self.shared.tell();
                false
            }
        }
    }

    /// Looks whether the file was taken away, or can be opened now.
    fn look(&mut self) {
        if let State::Writing(recorder) = &self.state
            && !recorder.is_in_place()
        {
            warn!(
                "the history {} was moved away: another one is begun",
                self.shared.settings.path.display()
            );
            self.state = State::Waiting {
                until: Instant::now(),
                damaged: None,
            };
        }
        self.try_again();
    }

    fn try_again(&mut self) {
        let State::Waiting { until, damaged } = &self.state else {
            return;
        };
        let path = &self.shared.settings.path;
        let is_same = damaged.is_some() && place::file_id(path) == *damaged;
        if *until > Instant::now() || is_same {
            return;
        }
        match Recorder::open(&self.shared.settings, self.shared.cars) {
            // That it goes well is said once something is written.
            Ok(recorder) => self.state = State::Writing(Box::new(recorder)),
            Err(error) => {
                self.state = State::later(None);
                self.stand_failed(&error.to_string());
            }
        }
    }

    fn goes_well(&self) {
        let path = self.shared.settings.path.clone();
        let shown = path.display().to_string();
        if self.shared.stand(Standing::Kept(path)) {
            info!(
                "the history {shown} is written again; {} reports are missing",
                self.shared.lost.load(Ordering::Relaxed)
            );
        }
    }

    fn fails(&mut self, RecordError { error, damaged }: RecordError) {
        // The connection may be of no use any more; it is opened anew.
        self.state = State::later(damaged);
        self.stand_failed(&error.to_string());
    }

    fn stand_failed(&self, why: &str) {
        if self.shared.stand(Standing::Failed(why.to_owned())) {
            warn!("{why}. Observing goes on without a history");
        }
    }
}
