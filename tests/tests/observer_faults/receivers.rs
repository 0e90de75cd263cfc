//! Receivers of OTLP whose answers are none.

use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};

use crate::stage::{Stage, ends_well, eventually, side_by_side};

/// What they answer, and whether that is a failure.
fn faults() -> Vec<(Fault, bool)> {
    let size = 100_000_000;
    vec![
        (
            Fault::Large {
                bytes: size,
                has_length: true,
            },
            false,
        ),
        (Fault::Bomb { bytes: size }, false),
        (
            Fault::Endless {
                bytes_per_second: 0,
            },
            false,
        ),
        (
            Fault::Endless {
                bytes_per_second: 100,
            },
            false,
        ),
        (Fault::Headers { bytes: 1_000_000 }, true),
        (
            Fault::EndlessHeaders {
                bytes_per_second: 0,
            },
            true,
        ),
        (
            Fault::EndlessHeaders {
                bytes_per_second: 1_000,
            },
            true,
        ),
        (
            Fault::Redirect {
                location: "/v1/metrics".to_owned(),
            },
            true,
        ),
        (Fault::Firewall, true),
        (Fault::ServiceUnavailable, true),
        (Fault::Hang, true),
        (Fault::Drop, true),
        (Fault::CutOff, false),
    ]
}

/// Over HTTP a success counts, whatever follows it: the receiver has what it was sent. gRPC says at
/// the end whether it has.
fn case(protocol: &str, fault: Fault, fails: bool) {
    let what = format!("{protocol}, {fault:?}");
    let fails = fails || protocol == "grpc";
    let stage = Stage::new(2);
    let hostile = Simulator::start(Settings {
        vehicles: 0,
        faults: Faults {
            rules: vec![Rule {
                route: Some(Route::Other),
                vehicle: None,
                fault,
                when: When::Always,
            }],
        },
        ..Settings::default()
    });
    let hostile = stage.runtime.block_on(hostile).expect("a free port");
    let observer = stage
        .observer(stage.simulator.url().as_str())
        .otlp(protocol, hostile.url().as_str())
        .start();
    let vins = stage.simulator.vins();
    for _ in 0..3 {
        stage.all_read(&vins, &what);
    }
    let metric = match fails {
        true => "observer.export.failures",
        false => "observer.exports",
    };
    eventually(&format!("{what}: {metric}"), || {
        let counted = stage.own(metric, &["destination"]);
        counted.contains_key("otlp").then_some(())
    });
    assert!(hostile.requests().of(Route::Other) > 0, "{what}");
    stage.all_read(&vins, &what);
    ends_well(observer, &stage.token, &what);
}

#[test]
fn no_answer_of_a_receiver_harms_another_or_takes_much_memory() {
    side_by_side(faults(), |(fault, fails)| {
        case("http/protobuf", fault, fails)
    });
}

#[test]
fn no_answer_to_grpc_harms_another_receiver_or_takes_much_memory() {
    side_by_side(faults(), |(fault, fails)| case("grpc", fault, fails));
}
