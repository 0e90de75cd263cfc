//! One destination of one signal: its queue, and the task that empties it into the network. Nothing
//! that happens to one destination reaches another.

mod known;
mod refusals;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::warn;

use super::encode::{Batch, Encoding, Signal};
use super::error::{Lost, StartError, Waiting};
use super::own::Exports;
use super::queue::{Limits, Owner, Queue};
use super::report::Mishaps;
use super::settings::{Otlp, TemporalityPreference};
use super::spool::Spool;
use super::transport::{Failure, Transport, public_endpoint};

use known::Known;
use refusals::{FURTHER, REFUSALS, REFUSED_FOR, Refusals};

/// The first wait before another attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A receiver that asks for more patience than this is asked again nevertheless.
const LONGEST_ASKED: Duration = Duration::from_secs(600);
/// At the end there is no time for patience.
const LAST_WAIT: Duration = Duration::from_millis(200);
const LAST_ATTEMPTS: usize = 3;
/// With a spool, no attempt is begun so short before the end: what the end interrupts is sent again.
const LAST_MOMENT: Duration = Duration::from_secs(1);
/// At the end, what is still in memory is written to disk, which takes no longer than this.
pub(super) const DISK_PATIENCE: Duration = Duration::from_secs(2);

/// One destination of one signal.
#[derive(Debug)]
pub(super) struct Delivery {
    name: String,
    signal: Signal,
    encoding: Encoding,
    temporality: TemporalityPreference,
    queue: Arc<Queue>,
    exports: Arc<Exports>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// Requests that had no place.
    dropped: AtomicUsize,
}

impl Delivery {
    /// Starts the task, on the present runtime.
    pub(super) fn start(
        signal: Signal,
        otlp: &Otlp,
        limits: Limits,
        exports: &Arc<Exports>,
        spool: Option<&Arc<Spool>>,
    ) -> Result<Self, Vec<StartError>> {
        let refusals = Refusals::new(REFUSALS, REFUSED_FOR, FURTHER);
        Self::start_with(signal, otlp, limits, exports, spool, refusals)
    }

    fn start_with(
        signal: Signal,
        otlp: &Otlp,
        limits: Limits,
        exports: &Arc<Exports>,
        spool: Option<&Arc<Spool>>,
        refusals: Refusals,
    ) -> Result<Self, Vec<StartError>> {
        let transport = Transport::new(signal, otlp)?;
        let encoding = transport.encoding();
        let owner = Owner {
            name: otlp.name.clone(),
            signal,
            encoding,
        };
        let queue = Queue::new(owner, limits, spool.cloned(), Arc::clone(exports));
        let queue = Arc::new(queue);
        let worker = Worker {
            queue: Arc::clone(&queue),
            transport,
            exports: Arc::clone(exports),
            mishaps: Mishaps::new(&otlp.name, signal.as_str(), public_endpoint(otlp)),
            refusals,
            known: Known::of(&queue),
        };
        Ok(Delivery {
            name: otlp.name.clone(),
            signal,
            encoding,
            temporality: otlp.temporality,
            queue,
            exports: Arc::clone(exports),
            task: Mutex::new(Some(tokio::spawn(worker.run()))),
            dropped: AtomicUsize::new(0),
        })
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(super) fn temporality(&self) -> TemporalityPreference {
        self.temporality
    }

    /// Hands a batch over; returns when it is on disk, or at once if there is no spool.
    pub(super) fn push(&self, batch: Batch) {
        let dropped = self.queue.push(batch);
        if dropped > 0 {
            self.exports
                .dropped(&self.name, self.signal.as_str(), "queue_full", dropped);
            let before = self.dropped.fetch_add(dropped, Ordering::Relaxed);
            // The first, and then each time that it has doubled.
            if before.checked_ilog2() != (before + dropped).checked_ilog2() {
                warn!(
                    "{} has not taken any {} for so long that {} requests, the oldest, had no more \
                     place in memory and are lost",
                    self.name,
                    self.signal.as_str(),
                    before + dropped
                );
            }
        }
    }

    /// No more batches come.
    pub(super) fn close(&self) {
        self.queue.close();
    }

    /// Waits until all is delivered; what is not at `deadline` waits on disk, or is lost. After
    /// [`close`](Self::close).
    pub(super) async fn finish(&self, deadline: Instant) -> (Option<Lost>, Option<Waiting>) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut task) = task else {
            return (None, None);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let last_moment = deadline - LAST_MOMENT.min(left / 4);
        if timeout_at(last_moment, &mut task).await.is_err() {
            self.queue.stop();
            if timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
                // Not while it still runs.
                let _ = task.await;
            }
        }
        let signal = self.signal.as_str();
        // A disk that hangs holds up no end: what becomes of the rest is not known.
        let Ok(left) = timeout(DISK_PATIENCE, self.queue.give_up()).await else {
            let destination = self.name.clone();
            return (
                Some(Lost {
                    destination,
                    signal,
                    requests: None,
                }),
                None,
            );
        };
        let lost = (left.lost > 0).then(|| {
            self.exports
                .dropped(&self.name, signal, "shutdown", left.lost);
            Lost {
                destination: self.name.clone(),
                signal,
                requests: Some(left.lost),
            }
        });
        let waiting = (left.waiting > 0).then(|| Waiting {
            destination: self.name.clone(),
            signal,
            requests: left.waiting,
            directory: left.directory.unwrap_or_default(),
        });
        (lost, waiting)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The task of a delivery.
struct Worker {
    queue: Arc<Queue>,
    transport: Transport,
    exports: Arc<Exports>,
    mishaps: Mishaps,
    refusals: Refusals,
    known: Known,
}

/// How a request was dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dealt {
    Taken,
    /// It never will be.
    Refused,
}

impl Worker {
    async fn run(mut self) {
        let mut failed = 0;
        let mut last_attempts = 0;
        while let Some(batch) = self.queue.next().await {
            let Err(failure) = self.attempt(batch).await else {
                failed = 0;
                self.refusals.over();
                self.queue.done().await;
                continue;
            };
            self.mishaps.failed(&failure);
            if self.refusals.again(&failure) {
                if self.refusals.others_are_taken() {
                    self.refuse(&failure).await;
                    continue;
                }
                if self.takes_the_next().await {
                    // It may have come back in between: the oldest has some more chances, soon.
                    failed = 0;
                }
            }
            self.queue.put_back().await;
            if self.queue.is_closed() {
                last_attempts += 1;
                if last_attempts >= LAST_ATTEMPTS {
                    return;
                }
                sleep(LAST_WAIT).await;
            } else {
                let wait = wait(failed, failure.after);
                failed = failed.saturating_add(1);
                // Whichever comes first.
                let _ = timeout(wait, self.queue.closed()).await;
            }
        }
    }

    /// Sends a batch once. An error is one that may pass; all else has been dealt with.
    async fn attempt(&mut self, batch: Batch) -> Result<Dealt, Failure> {
        let (name, signal) = (self.mishaps.destination(), self.mishaps.signal());
        match self.transport.send(batch.body).await {
            Ok(rejected) => {
                self.exports.delivered(name, signal);
                self.known.has_taken(&self.queue);
                match rejected {
                    None => self.mishaps.delivered(),
                    Some(rejected) => {
                        self.queue.must_not_come_again();
                        self.exports.failed(name, signal, "partial_success");
                        self.mishaps.rejected(&rejected, batch.items);
                    }
                }
                Ok(Dealt::Taken)
            }
            Err(mut failure) => {
                self.exports.failed(name, signal, &failure.kind);
                failure.retry |= self.known.is_known() && failure.is_of_the_place();
                if failure.retry {
                    return Err(failure);
                }
                self.queue.must_not_come_again();
                self.exports.dropped(name, signal, "refused", 1);
                self.mishaps.failed(&failure);
                Ok(Dealt::Refused)
            }
        }
    }

    /// Whether the receiver takes the request behind the oldest one, which it does not take.
    async fn takes_the_next(&mut self) -> bool {
        let Some(batch) = self.queue.second().await else {
            return false;
        };
        let Ok(dealt) = self.attempt(batch).await else {
            return false;
        };
        self.queue.second_done().await;
        if dealt == Dealt::Taken {
            self.refusals.took_another();
        }
        dealt == Dealt::Taken
    }

    /// Gives up the oldest request, which alone is refused again and again.
    async fn refuse(&mut self, failure: &Failure) {
        let (name, signal) = (self.mishaps.destination(), self.mishaps.signal());
        self.exports.dropped(name, signal, "refused_again", 1);
        warn!(
            "{name} has refused one request with {signal} {} times ({}), but takes others; it is lost",
            self.refusals.count(),
            failure.detail
        );
        self.refusals.over();
        self.queue.done().await;
    }
}

/// How long to wait after so many failures before this one.
fn wait(failed: u32, asked: Option<Duration>) -> Duration {
    let longer = FIRST_WAIT.saturating_mul(1 << failed.min(10));
    let longer = longer.min(LONGEST_WAIT);
    // Not all observers of a receiver that comes back should come at once.
    let jitter = getrandom::u32().map_or(0.0, |n| f64::from(n) / f64::from(u32::MAX));
    let longer = longer.mul_f64(0.75 + jitter / 2.0);
    longer.max(asked.unwrap_or_default().min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests;
