//! Names that lead nowhere, and TLS that is wrong, on both sides.

use metric_tests::observer::{Observer, TOKEN};
use metric_tests::receiver;
use metric_tests::tls::{Authority, Front, Shown};

use crate::stage::{Stage, ends_well, eventually, nanos, read_since, side_by_side};

const DURATION: &str = "http.client.request.duration";

#[test]
fn tls_that_is_wrong_keeps_the_token_at_home_and_is_tried_again() {
    side_by_side(Shown::WRONG.to_vec(), |shown| {
        let what = format!("API, {shown:?}");
        let stage = Stage::new(2);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ca = folder.path().join("ca.pem");
        let authority = Authority::new();
        authority.write(&ca);
        let front = Front::start(stage.api(), &authority, shown);
        let front = stage.runtime.block_on(front);
        let mut observer = stage
            .observer(&format!("https://{}", front.address()))
            .with("SSL_CERT_FILE", ca.display())
            .start();
        // Its own metrics come, though not a car is known.
        stage.counted(&what, DURATION, &["error.type"], "tls", 1.0);
        let told = "check this machine's clock and CA certificates";
        let line = observer.line_with(told);
        assert!(line.contains("trying again in"), "{what}: {line}");
        let asked = stage.simulator.requests().iter().count();
        // That of the test itself, which has woken the cars.
        assert_eq!(
            asked,
            stage.simulator.vins().len(),
            "{what}: nobody was asked"
        );
        front.mend();
        stage.all_read(&stage.simulator.vins(), &format!("{what}: after"));
        ends_well(observer, &stage.token, &what);
    });
}

#[test]
fn a_receiver_whose_tls_is_wrong_gets_everything_later_and_harms_no_other() {
    let cases: Vec<_> = Shown::WRONG
        .into_iter()
        .flat_map(|shown| [(shown, "http/protobuf"), (shown, "grpc")])
        .collect();
    side_by_side(cases, |(shown, protocol)| {
        let what = format!("{protocol}, {shown:?}");
        let stage = Stage::new(2);
        let vins = stage.simulator.vins();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ca = folder.path().join("ca.pem");
        let authority = Authority::new();
        authority.write(&ca);
        let (front, sick) = stage.runtime.block_on(async {
            let (at, sick) = match protocol {
                "grpc" => receiver::grpc().await,
                _ => receiver::http().await,
            };
            (Front::start(at, &authority, shown).await, sick)
        });
        let since = nanos();
        let observer = stage
            .observer(stage.simulator.url().as_str())
            .otlp(protocol, &format!("https://{}", front.address()))
            .with("OTEL_EXPORTER_OTLP_CERTIFICATE", ca.display())
            .start();
        stage.all_read(&vins, &what);
        let keys = ["destination", "error.type"];
        stage.counted(&what, "observer.export.failures", &keys, "otlp tls", 1.0);
        assert!(sick.requests().is_empty(), "{what}: nothing is sent");
        front.mend();
        read_since(&sick, &vins, &format!("{what}: after"), since);
        ends_well(observer, &stage.token, &what);
    });
}

/// `.invalid` is nobody's, for ever (RFC 6761).
#[test]
fn names_that_lead_nowhere_are_said_and_tried_again() {
    let stage = Stage::new(2);
    let vins = stage.simulator.vins();
    let api = || {
        let mut observer = stage
            .brief(Observer::of("https://api.tesla.invalid", TOKEN))
            .start();
        stage.counted("API", DURATION, &["error.type"], "dns", 1.0);
        let line = observer.line_with("the host's name leads nowhere");
        assert!(line.contains("trying again in"), "{line}");
        ends_well(observer, TOKEN, "API, no such name");
    };
    let keys = ["destination", "signal", "error.type"];
    let otlp = || {
        let observer = stage
            .observer(stage.simulator.url().as_str())
            .otlp("http/protobuf", "https://otlp.invalid")
            .with("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://logs.invalid")
            .with("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc")
            .start();
        stage.all_read(&vins, "beside names that lead nowhere");
        for of in ["otlp metrics dns", "otlp traces dns", "otlp logs dns"] {
            stage.counted("OTLP", "observer.export.failures", &keys, of, 1.0);
        }
        eventually("turns", || {
            let turns = stage.own("observer.cycles", &["outcome"]);
            (turns.get("read").copied() >= Some(6.0)).then_some(())
        });
        ends_well(observer, &stage.token, "OTLP, no such name");
    };
    side_by_side::<Box<dyn Fn() + Send + Sync>>(vec![Box::new(api), Box::new(otlp)], |run| run());
}
