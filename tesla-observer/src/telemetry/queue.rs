//! What waits for one destination: on disk, where there is a spool, and otherwise in memory. Bounded,
//! the oldest goes first, whether to the network or, when there is no more room, nowhere.
//!
//! What is in memory is newer than what is on disk. With a spool, a batch is in memory only as long as
//! it takes to write it, or as long as the disk does not take it.

mod waiting;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tracing::{info, warn};

use super::encode::{Batch, Encoding, Signal};
use super::own::Exports;
use super::spool::{self, Level, Shared, Spool, lock, transcode};

pub(super) use waiting::Limits;
use waiting::{Entry, Place, Waiting};

/// After the disk failed, it is left alone for so long: what is only in memory is lost at an end.
const DISK_AGAIN: Duration = Duration::from_secs(5);
/// Between attempts to read what cannot be read, and how many there are.
const READ_AGAIN: Duration = Duration::from_secs(5);
const READ_ATTEMPTS: u32 = 12;

/// What a queue is for.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) name: String,
    pub(super) signal: Signal,
    /// What the destination takes.
    pub(super) encoding: Encoding,
}

/// The queue of one destination, for one reader.
#[derive(Debug)]
pub(super) struct Queue {
    owner: Owner,
    limits: Limits,
    spool: Option<Arc<Spool>>,
    exports: Arc<Exports>,
    /// With a spool, held while files are read and written: not for the runtime's own threads.
    waiting: Mutex<Waiting>,
    arrived: Notify,
    closing: watch::Sender<bool>,
    stopped: AtomicBool,
    /// What is dealt with next must not be sent again.
    for_good: AtomicBool,
}

/// What a queue still had when it ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// Requests that are lost.
    pub(super) lost: usize,
    /// Requests that wait on disk, and where.
    pub(super) waiting: usize,
    pub(super) directory: Option<PathBuf>,
}

impl Queue {
    /// Goes on with what waits on disk, if there is a spool.
    pub(super) fn new(
        owner: Owner,
        limits: Limits,
        spool: Option<Arc<Spool>>,
        exports: Arc<Exports>,
    ) -> Self {
        let queue = Queue {
            owner,
            limits,
            spool,
            exports,
            waiting: Mutex::default(),
            arrived: Notify::new(),
            closing: watch::Sender::new(false),
            stopped: AtomicBool::new(false),
            for_good: AtomicBool::new(false),
        };
        let mut waiting = queue.lock();
        if let Some(spool) = &queue.spool
            && let Err(trouble) = queue.open(spool, &mut waiting)
        {
            waiting.disk_again = Some(Instant::now() + DISK_AGAIN);
            spool.say(queue.in_memory_only(&trouble));
        }
        queue.tell(&mut waiting);
        drop(waiting);
        queue
    }

    /// Adds a batch, and returns how many of the oldest had no place in memory. After
    /// [`close`](Self::close) that is the batch itself, if it cannot be kept on disk. Takes its time,
    /// with a spool: not for the runtime's own threads.
    pub(super) fn push(&self, batch: Batch) -> usize {
        let mut waiting = self.lock();
        waiting.add(batch);
        self.to_disk(&mut waiting);
        let mut dropped = 0;
        if self.is_closed() {
            dropped = waiting.memory.pop_back().map_or(0, |entry| {
                waiting.bytes -= entry.batch.body.len();
                1
            });
        }
        while waiting.is_over(self.limits) && waiting.drop_oldest() {
            dropped += 1;
        }
        self.tell(&mut waiting);
        drop(waiting);
        self.arrived.notify_one();
        dropped
    }

    /// Takes the oldest batch, when there is one; `None` once the queue is closed and empty, or
    /// stopped.
    pub(super) async fn next(self: &Arc<Self>) -> Option<Batch> {
        loop {
            // What came before it was closed is still seen.
            let closed = self.is_closed();
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            match self.aside(Queue::take).await? {
                Ok(Some(batch)) => return Some(batch),
                Ok(None) if closed => return None,
                Ok(None) => self.arrived.notified().await,
                Err(_) if closed => return None,
                Err(_) => tokio::time::sleep(READ_AGAIN).await,
            }
        }
    }

    /// Takes the one behind the oldest, which has been taken, if there is one.
    pub(super) async fn second(self: &Arc<Self>) -> Option<Batch> {
        self.aside(Queue::take_second).await.flatten()
    }

    /// What is done next must not be sent again, not even after a loss of power: the receiver would
    /// have a part of it twice, or refuse it once more.
    pub(super) fn must_not_come_again(&self) {
        self.for_good.store(true, Ordering::Relaxed);
    }

    fn settle(&self, waiting: &mut Waiting) {
        if self.for_good.swap(false, Ordering::Relaxed) {
            waiting.on_disk(|log| log.sync_accepted());
        }
    }

    /// What was taken has been dealt with.
    pub(super) async fn done(self: &Arc<Self>) {
        self.aside(|queue| {
            let mut waiting = queue.lock();
            match waiting.taken.take() {
                Some(Place::Memory(id)) => waiting.remove(id),
                Some(Place::Disk(number)) => waiting.on_disk(|log| log.accept(number)),
                None => {}
            }
            queue.settle(&mut waiting);
            queue.tell(&mut waiting);
        })
        .await;
    }

    /// What was taken second has been dealt with.
    pub(super) async fn second_done(self: &Arc<Self>) {
        self.aside(|queue| {
            let mut waiting = queue.lock();
            match waiting.second.take() {
                Some(Place::Memory(id)) => waiting.remove(id),
                Some(Place::Disk(number)) => waiting.on_disk(|log| log.accept_ahead(number)),
                None => {}
            }
            queue.settle(&mut waiting);
            queue.tell(&mut waiting);
        })
        .await;
    }

    /// What was taken is to be tried again: it is the oldest still, unless there is no room for it
    /// any more.
    pub(super) async fn put_back(self: &Arc<Self>) {
        self.aside(|queue| {
            let mut waiting = queue.lock();
            waiting.second = None;
            match waiting.taken.take() {
                Some(Place::Memory(id)) => {
                    while waiting.is_over(queue.limits) && waiting.drop_oldest() {
                        queue.dropped("queue_full", 1);
                    }
                    debug_assert!(waiting.memory.front().is_none_or(|own| own.id >= id));
                }
                Some(Place::Disk(number)) => {
                    let mut gone = false;
                    waiting.on_disk(|log| gone = !log.put_back(number));
                    if let (true, Some(spool)) = (gone, &queue.spool) {
                        spool.lost(&queue.owner.name, queue.owner.signal.as_str(), 1);
                    }
                }
                None => {}
            }
            queue.tell(&mut waiting);
        })
        .await;
    }

    /// Where it waits on disk; nothing if it does not.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        let log = self.lock().log.clone()?;
        Some(lock(&log).directory().to_owned())
    }

    /// From now on nothing is added; what waits is still to be delivered.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
        self.arrived.notify_one();
    }

    /// With a spool, nothing is taken any more: what would be interrupted by the end waits better for
    /// the next start.
    pub(super) fn stop(&self) {
        self.stopped.store(self.spool.is_some(), Ordering::Relaxed);
    }

    /// Whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until it is closed.
    pub(super) async fn closed(&self) {
        // Fails only if the sender is gone, which is a part of `self`.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    #[cfg(test)]
    pub(super) fn is_taken(&self) -> bool {
        self.lock().taken.is_some()
    }

    /// Ends it, and returns what there was, with the one that is taken.
    pub(super) async fn give_up(self: &Arc<Self>) -> Left {
        self.closing.send_replace(true);
        let left = self.aside(|queue| {
            let mut waiting = queue.lock();
            waiting.disk_again = None;
            queue.to_disk(&mut waiting);
            let mut left = Left {
                lost: waiting.memory.len(),
                ..Left::default()
            };
            waiting.on_disk(|log| {
                log.close();
                left.waiting = log.waiting();
                left.directory = Some(log.directory().to_owned());
            });
            *waiting = Waiting::default();
            left
        });
        left.await.unwrap_or_default()
    }

    /// Where the files are read and written: on the runtime's own threads only if there are none.
    /// `None` if the runtime ends.
    async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        run: impl FnOnce(&Queue) -> T + Send + 'static,
    ) -> Option<T> {
        if self.spool.is_none() {
            return Some(run(self));
        }
        let queue = Arc::clone(self);
        tokio::task::spawn_blocking(move || run(&queue)).await.ok()
    }

    fn take(&self) -> io::Result<Option<Batch>> {
        let mut waiting = self.lock();
        let taken = self.take_from_disk(&mut waiting);
        self.tell(&mut waiting);
        if let Some(batch) = taken? {
            return Ok(Some(batch));
        }
        let Some(entry) = waiting.memory.front() else {
            return Ok(None);
        };
        let (id, batch) = (entry.id, entry.batch.clone());
        waiting.taken = Some(Place::Memory(id));
        Ok(Some(batch))
    }

    fn take_from_disk(&self, waiting: &mut Waiting) -> io::Result<Option<Batch>> {
        let Some(log) = waiting.log.clone() else {
            return Ok(None);
        };
        loop {
            // Not within the `match`, which would hold the lock.
            let taken = lock(&log).take();
            let (number, encoding, batch) = match taken {
                Ok(Some(taken)) => taken,
                Ok(None) => return Ok(None),
                Err(error) => {
                    self.cannot_be_read(waiting, &log, &error);
                    return Err(error);
                }
            };
            waiting.read_failures = 0;
            match transcode(self.owner.signal, batch.body, encoding, self.owner.encoding) {
                Ok(body) => {
                    waiting.taken = Some(Place::Disk(number));
                    return Ok(Some(Batch { body, ..batch }));
                }
                Err(error) => {
                    let Owner { name, signal, .. } = &self.owner;
                    let signal = signal.as_str();
                    self.dropped("damaged", 1);
                    warn!("a request with {signal} for {name} on disk is none ({error}), and lost");
                    lock(&log).accept(number);
                }
            }
        }
    }

    fn cannot_be_read(&self, waiting: &mut Waiting, log: &Shared, error: &io::Error) {
        let Owner { name, signal, .. } = &self.owner;
        let (signal, mut log) = (signal.as_str(), lock(log));
        waiting.read_failures += 1;
        if waiting.read_failures == 1 {
            warn!(
                "what waits with {signal} for {name} in {} cannot be read ({error}); it is tried \
                 again a few times, then given up",
                log.directory().display()
            );
        }
        if waiting.read_failures >= READ_ATTEMPTS {
            waiting.read_failures = 0;
            let lost = log.give_up_segment();
            self.dropped("damaged", lost);
            warn!("{lost} requests with {signal} for {name} could not be read, and are lost");
        }
    }

    fn take_second(&self) -> Option<Batch> {
        let mut waiting = self.lock();
        if let (Some(Place::Disk(_)), Some(log)) = (waiting.taken, waiting.log.clone())
            && let Ok(Some((number, encoding, batch))) = lock(&log).second()
        {
            let own = &self.owner;
            let body = transcode(own.signal, batch.body, encoding, own.encoding).ok()?;
            waiting.second = Some(Place::Disk(number));
            return Some(Batch { body, ..batch });
        }
        let taken = waiting.taken;
        let is_taken = |entry: &&Entry| taken == Some(Place::Memory(entry.id));
        let entry = waiting.memory.iter().find(|entry| !is_taken(entry))?;
        let (id, batch) = (entry.id, entry.batch.clone());
        waiting.second = Some(Place::Memory(id));
        Some(batch)
    }

    fn open(&self, spool: &Spool, waiting: &mut Waiting) -> Result<Shared, String> {
        if let Some(log) = &waiting.log {
            return Ok(Arc::clone(log));
        }
        let log = spool
            .log(&self.owner.name, self.owner.signal)
            .map_err(|trouble| trouble.to_string())?;
        waiting.log = Some(Arc::clone(&log));
        Ok(log)
    }

    /// Writes to disk what is in memory, unless the disk is to be left alone.
    fn to_disk(&self, waiting: &mut Waiting) {
        let Some(spool) = &self.spool else {
            return;
        };
        let wait = waiting
            .disk_again
            .is_some_and(|again| Instant::now() < again);
        if waiting.memory.is_empty() || wait {
            return;
        }
        let failed_before = waiting.disk_again.is_some();
        match self.write(spool, waiting) {
            Ok(()) => {
                waiting.disk_again = None;
                if failed_before {
                    info!("requests {} are kept on disk again", self.owner);
                }
            }
            Err(trouble) => {
                waiting.disk_again = Some(Instant::now() + DISK_AGAIN);
                if !failed_before {
                    warn!("{}", self.in_memory_only(&trouble));
                }
            }
        }
    }

    /// Writes all that is in memory, and makes room for it: a segment at a time, as one that is longer
    /// than the others could be all that there is room for.
    fn write(&self, spool: &Spool, waiting: &mut Waiting) -> Result<(), String> {
        let shared = self.open(spool, waiting)?;
        while !waiting.memory.is_empty() {
            let mut log = lock(&shared);
            let count = waiting.fit_into(log.longest());
            let batches = waiting.memory.iter().take(count);
            let first = log
                .append(
                    batches.map(|own| (&own.batch, own.time)),
                    self.owner.encoding,
                )
                .map_err(|error| spool.trouble(log.directory(), &error).to_string())?;
            let last = waiting.have_been_written(count, first, &mut log);
            drop(log);
            spool.make_room(&shared, last);
        }
        Ok(())
    }

    fn in_memory_only(&self, trouble: &str) -> String {
        format!(
            "{trouble}; until then requests {} wait in memory only, and are lost when the observer ends",
            self.owner
        )
    }

    fn dropped(&self, reason: &'static str, requests: usize) {
        let signal = self.owner.signal.as_str();
        self.exports
            .dropped(&self.owner.name, signal, reason, requests);
    }

    /// Brings the observer's own metrics up to date, and says what turned out to be damaged.
    fn tell(&self, waiting: &mut Waiting) {
        let Owner { name, signal, .. } = &self.owner;
        let signal = signal.as_str();
        let memory = Level {
            requests: waiting.memory.len(),
            bytes: waiting.bytes as u64,
            since: waiting.memory.front().and_then(|own| spool::time(own.time)),
        };
        self.exports.waiting(name, signal, "memory", memory);
        if self.spool.is_none() {
            return;
        }
        let works = waiting.log.is_some() && waiting.disk_again.is_none();
        self.exports.durable(name, signal, works);
        let mut level = Level::default();
        let mut damaged = 0;
        waiting.on_disk(|log| {
            level = log.level();
            damaged = log.damaged();
        });
        self.exports.waiting(name, signal, "disk", level);
        if damaged > 0 {
            self.dropped("damaged", damaged);
            warn!(
                "{damaged} requests {} were damaged on disk, and are lost",
                self.owner
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "with {} for {}", self.signal.as_str(), self.name)
    }
}

#[cfg(test)]
mod tests;
