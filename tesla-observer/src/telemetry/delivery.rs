//! One destination of one signal: its queue, and the task that empties it into the network. Nothing
//! that happens to one destination reaches another.

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
        let refusals = Refusals::new(REFUSALS, REFUSED_FOR);
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
        let left = self.queue.give_up().await;
        let signal = self.signal.as_str();
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
                if self.refusals.others_are_taken {
                    self.refuse(&failure).await;
                    continue;
                }
                if self.takes_the_next().await {
                    // It may have come back in between: the oldest has one more chance, at once.
                    self.queue.put_back().await;
                    continue;
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
    async fn attempt(&mut self, batch: Batch) -> Result<(), Failure> {
        let (name, signal) = (self.mishaps.destination(), self.mishaps.signal());
        match self.transport.send(batch.body).await {
            Ok(rejected) => {
                self.exports.delivered(name, signal);
                match rejected {
                    None => self.mishaps.delivered(),
                    Some(rejected) => {
                        self.exports.failed(name, signal, "partial_success");
                        self.mishaps.rejected(&rejected, batch.items);
                    }
                }
                Ok(())
            }
            Err(failure) => {
                self.exports.failed(name, signal, &failure.kind);
                if failure.retry {
                    return Err(failure);
                }
                self.exports.dropped(name, signal, "refused", 1);
                self.mishaps.failed(&failure);
                Ok(())
            }
        }
    }

    /// Whether the receiver takes the request behind the oldest one, which it does not take.
    async fn takes_the_next(&mut self) -> bool {
        let Some(batch) = self.queue.second().await else {
            return false;
        };
        if self.attempt(batch).await.is_err() {
            return false;
        }
        self.queue.second_done().await;
        self.refusals.others_are_taken = true;
        true
    }

    /// Gives up the oldest request, which alone is refused again and again.
    async fn refuse(&mut self, failure: &Failure) {
        let (name, signal) = (self.mishaps.destination(), self.mishaps.signal());
        self.exports.dropped(name, signal, "refused_again", 1);
        warn!(
            "{name} has refused one request with {signal} {} times ({}), but takes others; it is lost",
            self.refusals.count, failure.detail
        );
        self.refusals.over();
        self.queue.done().await;
    }
}

/// After so many refusals of the oldest request, and so long after the first of them, the one behind
/// it is tried.
const REFUSALS: u32 = 20;
const REFUSED_FOR: Duration = Duration::from_secs(3600);

/// How often the receiver itself has refused the oldest request although it said that it might take
/// it later. A receiver that is away does so, too, through a proxy: only one that takes other
/// requests in the meantime will never take this one.
#[derive(Debug)]
struct Refusals {
    enough: u32,
    lasting: Duration,
    count: u32,
    since: Option<Instant>,
    others_are_taken: bool,
}

impl Refusals {
    fn new(enough: u32, lasting: Duration) -> Self {
        Refusals {
            enough,
            lasting,
            count: 0,
            since: None,
            others_are_taken: false,
        }
    }

    /// One more failure; whether there have been enough refusals.
    fn again(&mut self, failure: &Failure) -> bool {
        if !failure.is_refusal() {
            return false;
        }
        self.count += 1;
        let since = *self.since.get_or_insert_with(Instant::now);
        self.count >= self.enough && since.elapsed() >= self.lasting
    }

    /// The oldest request is another one now.
    fn over(&mut self) {
        *self = Self::new(self.enough, self.lasting);
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

    fn otlp(endpoint: &str) -> Otlp {
        Otlp {
            name: "sick".to_owned(),
            protocol: super::super::settings::Protocol::HttpProtobuf,
            endpoint: endpoint.parse().expect("a URL"),
            headers: Vec::new(),
            timeout: Duration::from_secs(60),
            compression: None,
            tls: Default::default(),
            temporality: TemporalityPreference::Cumulative,
        }
    }

    #[tokio::test]
    async fn what_has_no_place_behind_a_destination_that_hangs_is_counted_and_said() {
        // The system takes connections, nobody answers.
        let place = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = place.local_addr().expect("it is bound");
        let otlp = otlp(&format!("http://{address}/"));
        let exports = Arc::new(Exports::new());
        let limits = Limits {
            batches: 2,
            bytes: usize::MAX,
        };
        let delivery =
            Delivery::start(Signal::Metrics, &otlp, limits, &exports, None).expect("settings");
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
        let (lost, _) = delivery.finish(Instant::now()).await;
        assert_eq!(lost.and_then(|lost| lost.requests), Some(3));
        assert_eq!(exports.dropped_in_all("shutdown"), 3);
    }

    /// Takes all but what has the letter `p`, which it refuses as if it were away; and keeps what it
    /// took.
    async fn picky(away: bool) -> (Otlp, Arc<Mutex<Vec<String>>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&taken);
        let answer = move |body: String| {
            let refused = body.contains('p') || away;
            if !refused {
                keep.lock().expect("no panic").push(body);
            }
            std::future::ready(match refused {
                true => axum::http::StatusCode::SERVICE_UNAVAILABLE,
                false => axum::http::StatusCode::OK,
            })
        };
        let router = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        (otlp(&format!("http://{address}/")), taken)
    }

    /// A delivery that gives up what is refused, and others taken, after two attempts; on disk or not.
    fn impatient(otlp: &Otlp, folder: Option<&tempfile::TempDir>) -> (Delivery, Arc<Exports>) {
        let exports = Arc::new(Exports::new());
        let spool = folder.map(|folder| {
            let settings = super::super::settings::Spool {
                directory: folder.path().join("spool"),
                max: 1 << 20,
            };
            Arc::new(Spool::new(&settings, &exports, Vec::new()))
        });
        let refusals = Refusals::new(2, Duration::ZERO);
        let limits = Limits::default();
        let delivery = Delivery::start_with(
            Signal::Metrics,
            otlp,
            limits,
            &exports,
            spool.as_ref(),
            refusals,
        );
        (delivery.expect("settings"), exports)
    }

    fn push(delivery: &Delivery, bodies: &[&'static str]) {
        for body in bodies {
            delivery.push(Batch {
                body: (*body).into(),
                items: 1,
            });
        }
    }

    #[tokio::test]
    async fn a_request_that_alone_is_refused_again_and_again_does_not_hold_up_the_others() {
        for on_disk in [false, true] {
            let folder = on_disk.then(|| tempfile::tempdir().expect("a temporary folder"));
            let (otlp, taken) = picky(false).await;
            let (delivery, exports) = impatient(&otlp, folder.as_ref());
            push(&delivery, &["a", "poison", "b", "c"]);
            let all = async {
                while taken.lock().expect("no panic").len() < 3 {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(Duration::from_secs(30), all)
                .await
                .expect("it goes on");
            delivery.close();
            let left = delivery
                .finish(Instant::now() + Duration::from_secs(30))
                .await;
            assert_eq!(left, (None, None));
            assert_eq!(*taken.lock().expect("no panic"), ["a", "b", "c"]);
            assert_eq!(exports.dropped_in_all("refused_again"), 1);
        }
    }

    #[tokio::test]
    async fn where_all_are_refused_none_is_given_up() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (otlp, _) = picky(true).await;
        let (delivery, exports) = impatient(&otlp, Some(&folder));
        push(&delivery, &["a", "b", "c"]);
        while exports.failed_in_all("503") < 5 {
            sleep(Duration::from_millis(5)).await;
        }
        delivery.close();
        let (lost, waiting) = delivery
            .finish(Instant::now() + Duration::from_secs(30))
            .await;
        assert_eq!(lost, None);
        assert_eq!(waiting.map(|own| own.requests), Some(3));
        assert_eq!(exports.dropped_in_all("refused_again"), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn only_refusals_that_last_are_enough() {
        let refused = |kind: &'static str| Failure {
            kind: kind.into(),
            detail: String::new(),
            retry: true,
            after: None,
        };
        let mut refusals = Refusals::new(REFUSALS, REFUSED_FOR);
        for _ in 0..REFUSALS * 2 {
            assert!(!refusals.again(&refused("502")), "it has not lasted");
        }
        tokio::time::advance(REFUSED_FOR).await;
        for kind in [
            "connect",
            "timeout",
            "connection_lost",
            "429",
            "resource_exhausted",
        ] {
            assert!(!refusals.again(&refused(kind)), "{kind}");
        }
        assert!(refusals.again(&refused("502")));
        refusals.over();
        assert!(!refusals.again(&refused("unavailable")), "another request");
        tokio::time::advance(REFUSED_FOR).await;
        for _ in 2..REFUSALS {
            assert!(!refusals.again(&refused("unavailable")), "not often enough");
        }
        assert!(refusals.again(&refused("unavailable")));
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
