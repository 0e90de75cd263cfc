//! A path to Tesla's API that fails, over HTTP/1.1 and over TLS with HTTP/2.

use std::time::Duration;

use metric_tests::proxy::{Path, Proxy};
use metric_tests::tls::{Authority, Front, Shown};

use crate::stage::{Stage, ends_well, side_by_side};

const DURATION: &str = "http.client.request.duration";

/// What happens on the path, and what is counted of it: one of these `error.type`s, or nothing if all
/// is read all the same.
fn faults() -> Vec<(Path, &'static [&'static str])> {
    let late = |milliseconds| Path::Late {
        first: Duration::ZERO,
        each: Duration::from_millis(milliseconds),
    };
    vec![
        (late(100), &[]),
        (late(3_000), &["timeout"]),
        (Path::Trickle(200), &["timeout"]),
        // In the middle of a body, or, over TLS, of anything.
        (Path::Reset(600), &["body", "connect", "tls"]),
        (Path::End(600), &["body", "connect", "tls"]),
        (Path::Swallow, &["timeout", "connect", "body"]),
        (Path::Refuse, &["connect"]),
        (Path::CutHello, &["connect", "tls"]),
        (
            Path::OneOf(vec![
                (1, Path::Swallow),
                (1, Path::Reset(300)),
                (1, Path::Trickle(100)),
            ]),
            &["timeout", "body", "connect", "tls"],
        ),
    ]
}

/// After the fault all cars are read again within the wait after failures, whatever became of the
/// connections that were open.
fn case(has_tls: bool, path: Path, errors: &[&str]) {
    let what = format!("{path:?}, {}", if has_tls { "h2" } else { "h1" });
    let stage = Stage::new(3);
    let vins = stage.simulator.vins();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ca = folder.path().join("ca.pem");
    let authority = Authority::new();
    authority.write(&ca);
    let (front, way) = stage.runtime.block_on(async {
        let front = Front::start(stage.api(), &authority, Shown::Good).await;
        let to = if has_tls {
            front.address()
        } else {
            stage.api()
        };
        (front, Proxy::start(to, 1).await)
    });
    let scheme = if has_tls { "https" } else { "http" };
    let observer = stage
        .observer(&format!("{scheme}://{}", way.address()))
        .with("SSL_CERT_FILE", ca.display())
        .start();
    stage.all_read(&vins, &format!("{what}: before"));
    way.set(path);
    if errors.is_empty() {
        stage.all_read(&vins, &what);
    } else {
        // Each car has failed, and while it does the observer's own metrics come.
        stage.counted(&what, "observer.cycles", &["outcome"], "failed", 3.0);
        let requests = stage.own(DURATION, &["error.type"]);
        assert!(
            errors.iter().any(|error| requests.contains_key(*error)),
            "{what}: {requests:?}"
        );
    }
    way.set(Path::Pass);
    stage.all_read(&vins, &format!("{what}: after"));
    ends_well(observer, &stage.token, &what);
    drop(front);
}

#[test]
fn a_path_to_the_api_that_fails_over_http1_is_survived_and_recovers() {
    side_by_side(faults(), |(path, errors)| case(false, path, errors));
}

#[test]
fn a_path_to_the_api_that_fails_over_tls_and_http2_is_survived_and_recovers() {
    side_by_side(faults(), |(path, errors)| case(true, path, errors));
}
