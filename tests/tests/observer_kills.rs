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

/// How often each of these arrived; they came in order, if one looks at when each came first.
fn arrivals(waited: &[Request], arrived: &[Request]) -> Vec<usize> {
    let places = |one: &Request| -> Vec<usize> {
        (0..arrived.len())
            .filter(|place| arrived[*place] == *one)
            .collect()
    };
    let all: Vec<Vec<usize>> = waited.iter().map(places).collect();
    for (one, places) in waited.iter().zip(&all) {
        assert!(!places.is_empty(), "lost: {one:?}");
    }
    assert!(all.iter().map(|places| places[0]).is_sorted(), "{all:?}");
    all.iter().map(Vec::len).collect()
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
    let times = arrivals(&waited, &arrived);
    // What was collected in between, too.
    let repeats = |place: &usize| arrived[..*place].contains(&arrived[*place]);
    let repeated = (0..arrived.len()).filter(repeats).count();
    println!(
        "{} requests waited, {} arrived in all, {KILLS} kills: 0 lost, {repeated} repeated",
        waited.len(),
        arrived.len()
    );
    assert!(repeated <= KILLS as usize, "{repeated}");
    assert!(times.iter().all(|times| *times <= 2), "{times:?}");
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
    arrivals(&waited, &arrived);
    let repeats: Vec<usize> = (0..arrived.len())
        .filter(|place| arrived[..*place].contains(&arrived[*place]))
        .collect();
    println!(
        "{} requests waited, {} repeated",
        waited.len(),
        repeats.len()
    );
    assert_eq!(repeats.len(), KILLS, "{repeats:?}");
    for place in repeats {
        assert_eq!(arrived[place], arrived[place - 1], "the one in flight");
    }
}
