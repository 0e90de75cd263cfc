//! One destination of one signal: its queue, and the task that empties it into the network. Nothing
//! that happens to one destination reaches another.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::warn;

use super::encode::{Batch, Encoding, Signal};
use super::error::{Lost, StartError};
use super::own::Exports;
use super::queue::{Limits, Queue};
use super::report::Mishaps;
use super::settings::{Otlp, TemporalityPreference};
use super::transport::{Transport, public_endpoint};

/// The first wait before another attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A receiver that asks for more patience than this is asked again nevertheless.
const LONGEST_ASKED: Duration = Duration::from_secs(600);
/// At the end there is no time for patience.
const LAST_WAIT: Duration = Duration::from_millis(200);
const LAST_ATTEMPTS: usize = 3;

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
    ) -> Result<Self, Vec<StartError>> {
        let transport = Transport::new(signal, otlp)?;
        let encoding = transport.encoding();
        let queue = Arc::new(Queue::new(limits));
        let worker = Worker {
            queue: Arc::clone(&queue),
            transport,
            exports: Arc::clone(exports),
            mishaps: Mishaps::new(&otlp.name, signal.as_str(), public_endpoint(otlp)),
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

    /// Hands a batch over; returns at once.
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

    /// Waits until all is delivered; what is not at `deadline` is lost. After
    /// [`close`](Self::close).
    pub(super) async fn finish(&self, deadline: Instant) -> Option<Lost> {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        let stop = task.abort_handle();
        if timeout_at(deadline, task).await.is_err() {
            stop.abort();
        }
        match self.queue.give_up() {
            0 => None,
            requests => {
                self.exports
                    .dropped(&self.name, self.signal.as_str(), "shutdown", requests);
                Some(Lost {
                    destination: self.name.clone(),
                    signal: self.signal.as_str(),
                    requests: Some(requests),
                })
            }
        }
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
}

impl Worker {
    async fn run(mut self) {
        let mut failed = 0;
        let mut last_attempts = 0;
        while let Some(batch) = self.queue.next().await {
            let (name, signal) = (self.mishaps.destination(), self.mishaps.signal());
            let failure = match self.transport.send(batch.body.clone()).await {
                Ok(rejected) => {
                    failed = 0;
                    self.queue.done();
                    self.exports.delivered(name, signal);
                    match rejected {
                        None => self.mishaps.delivered(),
                        Some(rejected) => {
                            self.exports.failed(name, signal, "partial_success");
                            self.mishaps.rejected(&rejected, batch.items);
                        }
                    }
                    continue;
                }
                Err(failure) => failure,
            };
            self.exports.failed(name, signal, &failure.kind);
            if !failure.retry {
                self.queue.done();
                self.exports.dropped(name, signal, "refused", 1);
                self.mishaps.failed(&failure);
                continue;
            }
            if !self.queue.put_back(batch) {
                self.exports.dropped(name, signal, "queue_full", 1);
            }
            self.mishaps.failed(&failure);
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
mod tests {
    use super::*;

    /// Each message of the log, to a channel.
    struct Said(std::sync::mpsc::Sender<String>);

    impl std::io::Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(text).map_err(std::io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn what_has_no_place_behind_a_destination_that_hangs_is_counted_and_said() {
        // The system takes connections, nobody answers.
        let place = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = place.local_addr().expect("it is bound");
        let otlp = Otlp {
            name: "sick".to_owned(),
            protocol: super::super::settings::Protocol::HttpProtobuf,
            endpoint: format!("http://{address}/").parse().expect("a URL"),
            headers: Vec::new(),
            timeout: Duration::from_secs(60),
            compression: None,
            tls: Default::default(),
            temporality: TemporalityPreference::Cumulative,
        };
        let exports = Arc::new(Exports::new());
        let limits = Limits {
            batches: 2,
            bytes: usize::MAX,
        };
        let delivery = Delivery::start(Signal::Metrics, &otlp, limits, &exports).expect("settings");
        let batch = Batch {
            body: "x".into(),
            items: 1,
        };
        delivery.push(batch.clone());
        while !delivery.queue.is_taken() {
            tokio::task::yield_now().await;
        }
        let (said, writer) = std::sync::mpsc::channel();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Said(said.clone()))
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..5 {
                delivery.push(batch.clone());
            }
        });
        assert_eq!(exports.dropped_in_all("queue_full"), 3);
        let said: Vec<String> = writer.try_iter().collect();
        let lost = |n: usize| {
            said.iter()
                .any(|line| line.contains(&format!(" {n} requests,")))
        };
        assert!(said.len() == 2 && lost(1) && lost(2), "{said:?}");
        delivery.close();
        let lost = delivery.finish(Instant::now()).await;
        assert_eq!(lost.and_then(|lost| lost.requests), Some(3));
        assert_eq!(exports.dropped_in_all("shutdown"), 3);
    }

    #[test]
    fn waits_grow_to_a_minute_and_respect_what_the_receiver_asks_for() {
        for (failed, seconds) in [(0, 0.5), (1, 1.0), (4, 8.0), (7, 60.0), (u32::MAX, 60.0)] {
            let wait = wait(failed, None).as_secs_f64();
            assert!((seconds * 0.75..=seconds * 1.25).contains(&wait), "{wait}");
        }
        assert_eq!(wait(0, Some(Duration::from_secs(30))).as_secs(), 30);
        assert_eq!(wait(0, Some(Duration::MAX)), LONGEST_ASKED);
    }
}
