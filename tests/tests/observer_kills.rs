//! Kills while the receiver is there and takes what has waited: of the observer, and of the receiver in
//! the middle of a request.

use std::path::Path;
use std::thread;
use std::time::Duration;

use metric_tests::observer::Observer;
use metric_tests::outage::{cars, decoded, kill, waiting};
use metric_tests::process::eventually;
use metric_tests::receiver;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest as Request;
use tokio::runtime::Runtime;

const METRICS: &str = "otlp.metrics";

fn to(address: std::net::SocketAddr, folder: &Path) -> Observer {
    cars(folder)
        .with("SCRAPE_INTERVAL_SEC", 0.1)
        .with(
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            format!("http://{address}"),
        )
        .with("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
}

/// What waits after nobody was there for a while, and the observer was killed.
fn backlog(observer: &Observer, spool: &Path, requests: usize) -> Vec<Request> {
    let running = observer.start();
    eventually("a backlog", || {
        (waiting(spool, METRICS).len() >= requests).then_some(())
    });
    kill(running);
    decoded(spool, METRICS)
}

/// Each of these arrived, in order, and what arrived once more did so right after itself: it was the one
/// in flight when somebody was killed. How many were repeats; one that is in flight at two kills in a row
/// arrives three times.
fn repeats(waited: &[Request], arrived: &[Request]) -> usize {
    let first = |one: &Request| arrived.iter().position(|each| each == one);
    let firsts: Vec<Option<usize>> = waited.iter().map(first).collect();
    assert!(firsts.iter().all(Option::is_some), "lost: {firsts:?}");
    assert!(firsts.is_sorted(), "{firsts:?}");
    let repeated = |place: &usize| arrived[..*place].contains(&arrived[*place]);
    let repeats: Vec<usize> = (0..arrived.len()).filter(repeated).collect();
    for place in &repeats {
        assert_eq!(arrived[*place], arrived[place - 1], "the one in flight");
    }
    repeats.len()
}

#[test]
fn kills_while_a_backlog_is_taken_lose_nothing_and_repeat_only_what_was_in_flight() {
    const KILLS: u32 = 8;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = folder.path().join("spool");
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(receiver::nobody());
    let observer = to(address, folder.path());
    let waited = backlog(&observer, &spool, 80);
    let received = runtime.block_on(receiver::grpc_at(address));
    received.answer_after(Duration::from_millis(15));
    // The same moments in each run, as far as the machine lets them be.
    let mut random = 0x2545_f491_u32;
    for _ in 0..KILLS {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let before = received.requests().len();
        let running = observer.start();
        let enough = before + 1 + (random >> 28) as usize / 3;
        eventually("requests", || {
            (received.requests().len() >= enough).then_some(())
        });
        // Somewhere in a request, or between two.
        thread::sleep(Duration::from_millis(u64::from(random >> 16 & 31)));
        kill(running);
    }
    let in_the_end = waiting(&spool, METRICS).len();
    assert!(in_the_end > 0, "the last kill was too late");
    received.answer_after(Duration::ZERO);
    let running = observer.start();
    eventually("an empty spool", || {
        (waiting(&spool, METRICS).len() < 3).then_some(())
    });
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    let arrived = received.requests();
    let repeated = repeats(&waited, &arrived);
    println!(
        "{} requests waited, {} arrived in all, {KILLS} kills: 0 lost, {repeated} repeated",
        waited.len(),
        arrived.len()
    );
    assert!(repeated <= KILLS as usize, "{repeated}");
}

#[test]
fn a_receiver_that_is_killed_in_the_middle_of_a_request_gets_that_one_again_and_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spool = folder.path().join("spool");
    let runtime = Runtime::new().expect("a runtime");
    let address = runtime.block_on(receiver::nobody());
    let observer = to(address, folder.path());
    let waited = backlog(&observer, &spool, 20);
    let mut running = observer.start();
    let mut arrived = Vec::new();
    const KILLS: usize = 3;
    for _ in 0..KILLS {
        let killed = Runtime::new().expect("a runtime");
        let received = killed.block_on(receiver::grpc_at(address));
        eventually("some requests", || {
            (received.requests().len() >= 3).then_some(())
        });
        received.answer_after(Duration::MAX);
        let before = received.requests().len();
        eventually("one in flight", || {
            (received.requests().len() > before).then_some(())
        });
        killed.shutdown_background();
        arrived.extend(received.requests());
        eventually("its end", || std::net::TcpListener::bind(address).ok());
    }
    let received = runtime.block_on(receiver::grpc_at(address));
    eventually("an empty spool", || {
        (waiting(&spool, METRICS).len() < 3).then_some(())
    });
    running.line_with("works again");
    let (status, log) = running.stop();
    assert!(status.success(), "{log}");
    arrived.extend(received.requests());
    let repeated = repeats(&waited, &arrived);
    println!("{} requests waited, {repeated} repeated", waited.len());
    assert_eq!(repeated, KILLS);
}
