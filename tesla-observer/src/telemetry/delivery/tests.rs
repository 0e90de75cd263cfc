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
        protocol: crate::telemetry::settings::Protocol::HttpProtobuf,
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

use axum::http::StatusCode;

/// A receiver that answers each request as `answer` says, and keeps what it took.
async fn answering(
    mut answer: impl FnMut(&str) -> StatusCode + Send + 'static,
) -> (Otlp, Arc<Mutex<Vec<String>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let taken = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&taken);
    let answer = Arc::new(Mutex::new(move |body: &str| answer(body)));
    let handler = move |body: String| {
        let status = answer.lock().expect("no panic")(&body);
        if status == StatusCode::OK {
            keep.lock().expect("no panic").push(body);
        }
        std::future::ready(status)
    };
    let router = axum::Router::new().fallback(handler);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (otlp(&format!("http://{address}/")), taken)
}

/// Takes all but what has the letter `p`, which it refuses as if it were away.
async fn picky(away: bool) -> (Otlp, Arc<Mutex<Vec<String>>>) {
    answering(move |body| match body.contains('p') || away {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    })
    .await
}

/// A delivery that gives up what is refused, and others taken, after two attempts; on disk or not.
fn impatient(otlp: &Otlp, folder: Option<&tempfile::TempDir>) -> (Delivery, Arc<Exports>) {
    let exports = Arc::new(Exports::new());
    let spool = folder.map(|folder| {
        let settings = crate::telemetry::settings::Spool {
            directory: folder.path().join("spool"),
            max: 1 << 20,
        };
        Arc::new(Spool::new(&settings, &exports, Vec::new()))
    });
    let refusals = Refusals::new(2, Duration::ZERO, 2);
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

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = timeout(Duration::from_secs(60), waiting).await;
    waited.expect("it goes on");
}

async fn finish(delivery: Delivery) -> (Option<Lost>, Option<Waiting>) {
    delivery.close();
    let deadline = Instant::now() + Duration::from_secs(30);
    delivery.finish(deadline).await
}

#[tokio::test]
async fn a_request_that_alone_is_refused_again_and_again_does_not_hold_up_the_others() {
    for on_disk in [false, true] {
        let folder = on_disk.then(|| tempfile::tempdir().expect("a temporary folder"));
        let (otlp, taken) = picky(false).await;
        let (delivery, exports) = impatient(&otlp, folder.as_ref());
        push(&delivery, &["a", "poison", "b", "c"]);
        until(|| taken.lock().expect("no panic").len() == 3).await;
        assert_eq!(finish(delivery).await, (None, None));
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
    until(|| exports.failed_in_all("503") >= 5).await;
    let (lost, waiting) = finish(delivery).await;
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
    let mut refusals = Refusals::new(REFUSALS, REFUSED_FOR, FURTHER);
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

#[tokio::test]
async fn that_another_one_is_refused_for_good_does_not_mean_that_others_are_taken() {
    let (otlp, taken) = answering(|body| match body {
        "bad" => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    })
    .await;
    let (delivery, exports) = impatient(&otlp, None);
    push(&delivery, &["a", "bad"]);
    until(|| exports.dropped_in_all("refused") == 1).await;
    until(|| exports.failed_in_all("503") >= 5).await;
    assert_eq!(exports.dropped_in_all("refused_again"), 0);
    assert!(taken.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn a_receiver_that_comes_back_bit_by_bit_gets_the_oldest_too() {
    let mut asked = 0;
    let (otlp, taken) = answering(move |body| {
        asked += 1;
        // Of the oldest it is the fourth time.
        match body == "a" && asked < 5 {
            true => StatusCode::SERVICE_UNAVAILABLE,
            false => StatusCode::OK,
        }
    })
    .await;
    let (delivery, exports) = impatient(&otlp, None);
    push(&delivery, &["a", "b", "c"]);
    until(|| taken.lock().expect("no panic").len() == 3).await;
    assert_eq!(*taken.lock().expect("no panic"), ["b", "a", "c"]);
    assert_eq!(exports.dropped_in_all("refused_again"), 0);
    assert_eq!(finish(delivery).await, (None, None));
}

#[tokio::test]
async fn what_answers_in_the_place_of_a_receiver_that_is_away_makes_it_lose_nothing() {
    for status in [401, 404, 302, 500, 521] {
        let status = StatusCode::from_u16(status).expect("a status");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let away = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let is_away = Arc::clone(&away);
        let (otlp, taken) = answering(move |_| match is_away.load(Ordering::Relaxed) {
            true => status,
            false => StatusCode::OK,
        })
        .await;
        let (delivery, exports) = impatient(&otlp, Some(&folder));
        push(&delivery, &["a"]);
        until(|| taken.lock().expect("no panic").len() == 1).await;
        away.store(true, Ordering::Relaxed);
        push(&delivery, &["b", "c"]);
        until(|| exports.failed_in_all(status.as_str()) >= 2).await;
        // Also after a restart.
        let (lost, waiting) = finish(delivery).await;
        assert_eq!((lost, waiting.map(|own| own.requests)), (None, Some(2)));
        let (delivery, exports) = impatient(&otlp, Some(&folder));
        until(|| exports.failed_in_all(status.as_str()) >= 1).await;
        away.store(false, Ordering::Relaxed);
        until(|| taken.lock().expect("no panic").len() == 3).await;
        assert_eq!(*taken.lock().expect("no panic"), ["a", "b", "c"]);
        assert_eq!(finish(delivery).await, (None, None));
    }
}

#[tokio::test]
async fn a_receiver_that_never_took_a_signal_is_taken_at_its_word() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (otlp, _) = answering(|_| StatusCode::NOT_FOUND).await;
    let (delivery, exports) = impatient(&otlp, Some(&folder));
    push(&delivery, &["a", "b", "c"]);
    until(|| exports.dropped_in_all("refused") == 3).await;
    assert_eq!(finish(delivery).await, (None, None));
}

#[tokio::test]
async fn a_request_that_is_at_fault_itself_is_not_kept() {
    let (otlp, taken) = answering(|body| match body {
        "bad" => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    })
    .await;
    let (delivery, exports) = impatient(&otlp, None);
    push(&delivery, &["a", "bad", "b"]);
    until(|| taken.lock().expect("no panic").len() == 2).await;
    assert_eq!(exports.dropped_in_all("refused"), 1);
}

#[tokio::test]
async fn attempts_come_later_and_later() {
    let (otlp, _) = picky(true).await;
    let (delivery, exports) = impatient(&otlp, None);
    push(&delivery, &["a"]);
    until(|| exports.failed_in_all("503") >= 1).await;
    sleep(Duration::from_secs(4)).await;
    // At about 0, 0.5, 1.5 and 3.5 s: each half a second it would be nine.
    let attempts = exports.failed_in_all("503");
    assert!((2..=5).contains(&attempts), "{attempts}");
}
