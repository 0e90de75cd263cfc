//! A path to an OTLP receiver that fails, over HTTP and gRPC, beside a receiver that is well.

use std::collections::BTreeSet;
use std::time::Duration;

use metric_tests::proxy::{Path, Proxy};
use metric_tests::receiver::{self, Received};
use metric_tests::samples::{of_cars, samples};

use crate::stage::{Stage, ends_well, eventually, side_by_side};

/// What happens on the path, and the `error.type`s of which one is counted, if any.
fn faults() -> Vec<(Path, &'static [&'static str])> {
    let late = |milliseconds| Path::Late {
        first: Duration::ZERO,
        each: Duration::from_millis(milliseconds),
    };
    vec![
        (late(50), &[]),
        (late(2_500), &["timeout"]),
        (Path::Trickle(10), &["timeout"]),
        // In the middle of an answer, which is a few bytes.
        (Path::Reset(20), &["connection_lost", "connect", "protocol"]),
        (Path::End(20), &["connection_lost", "connect", "protocol"]),
        (
            Path::Swallow,
            &["timeout", "connection_lost", "connect", "protocol"],
        ),
        (Path::Refuse, &["connect"]),
        (Path::CutHello, &["connection_lost", "connect", "protocol"]),
    ]
}

/// What is known of each reading of each car: when it was collected.
fn readings(received: &Received) -> BTreeSet<(String, u64)> {
    let samples = received.with_requests(of_cars);
    samples
        .iter()
        .filter(|sample| sample.name == "vehiclestate_odometer")
        .map(|sample| (sample.attribute("vin").to_owned(), sample.time))
        .collect()
}

/// The receiver that is well gets every turn while the other fails; afterwards that one gets all that
/// it has missed.
fn case(protocol: &'static str, path: Path, errors: &[&str]) {
    let what = format!("{path:?}, {protocol}");
    let stage = Stage::new(2);
    let vins = stage.simulator.vins();
    let (way, sick) = stage.runtime.block_on(async {
        let (at, sick) = match protocol {
            "grpc" => receiver::grpc().await,
            _ => receiver::http().await,
        };
        (Proxy::start(at, 1).await, sick)
    });
    let observer = stage
        .observer(stage.simulator.url().as_str())
        .otlp(protocol, &format!("http://{}", way.address()))
        .start();
    stage.all_read(&vins, &format!("{what}: before"));
    way.set(path);
    for _ in 0..3 {
        stage.all_read(&vins, &what);
    }
    let keys = ["destination", "error.type"];
    if !errors.is_empty() {
        let found = eventually(&format!("{what}: failures"), || {
            let failures = stage.own("observer.export.failures", &keys);
            (!failures.is_empty()).then_some(failures)
        });
        let told = |error: &&str| found.contains_key(&format!("otlp {error}"));
        assert!(errors.iter().any(told), "{what}: {found:?}");
    }
    way.set(Path::Pass);
    // Whatever the other has got by now, this one must get, too.
    let all = readings(&stage.well);
    eventually(&format!("{what}: what was missed"), || {
        readings(&sick).is_superset(&all).then_some(())
    });
    // Before the end, nothing was given up.
    let dropped = stage.own("observer.export.dropped", &keys);
    assert!(dropped.is_empty(), "{what}: {dropped:?}");
    let failures = stage.own("observer.export.failures", &["destination"]);
    assert!(!failures.contains_key("greptimedb"), "{what}: {failures:?}");
    ends_well(observer, &stage.token, &what);
    let all = format!("{:?}", samples(&sick.requests()));
    assert!(!all.contains(&stage.token), "{what}: the token is exported");
}

#[test]
fn a_path_to_a_receiver_over_http_that_fails_harms_no_other_and_loses_nothing() {
    side_by_side(faults(), |(path, errors)| {
        case("http/protobuf", path, errors);
    });
}

#[test]
fn a_path_to_a_receiver_over_grpc_that_fails_harms_no_other_and_loses_nothing() {
    side_by_side(faults(), |(path, errors)| case("grpc", path, errors));
}
