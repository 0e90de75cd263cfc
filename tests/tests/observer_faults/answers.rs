//! Answers that are none: each car gets another one, all at the same time.

use std::time::Duration;

use metric_tests::process::within;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, When};

use crate::stage::{Stage, ends_well, eventually, nanos, read_after};

const MB: u64 = 1_000_000;
/// Just below the largest answer that is read.
const READ: u64 = 8 * 1024 * 1024 - 100;

/// What a car's vehicle_data becomes, and what is counted of it: `error.type` of its requests, or
/// nothing if it is read all the same.
fn faults() -> Vec<(Fault, &'static str)> {
    vec![
        (
            Fault::Large {
                bytes: 100 * MB,
                has_length: true,
            },
            "body",
        ),
        (
            Fault::Large {
                bytes: 100 * MB,
                has_length: false,
            },
            "body",
        ),
        (Fault::Bomb { bytes: 100 * MB }, "body"),
        (
            Fault::Endless {
                bytes_per_second: 0,
            },
            "body",
        ),
        (
            Fault::Endless {
                bytes_per_second: 1_000,
            },
            "timeout",
        ),
        (
            Fault::Slowly {
                bytes_per_second: 500,
            },
            "timeout",
        ),
        (Fault::Headers { bytes: 1_000_000 }, "protocol"),
        (
            Fault::EndlessHeaders {
                bytes_per_second: 0,
            },
            "protocol",
        ),
        (
            Fault::EndlessHeaders {
                bytes_per_second: 1_000,
            },
            "timeout",
        ),
        (Fault::WrongLength { by: 1_000 }, "body"),
        (Fault::WrongLength { by: -1_000 }, "unreadable"),
        (
            Fault::Redirect {
                location: "/api/1/products".to_owned(),
            },
            "unreadable",
        ),
        (Fault::OtherVehicle, "unreadable"),
        (Fault::CutOff, "body"),
        (Fault::Drop, "connect"),
        (Fault::Hang, "timeout"),
        (Fault::Delay { milliseconds: 300 }, ""),
        (Fault::InvalidUtf8, ""),
        (Fault::CarClock { seconds: 36_000 }, ""),
        (Fault::CarClock { seconds: -36_000 }, ""),
    ]
}

#[test]
fn no_answer_of_one_car_harms_another_or_takes_much_memory() {
    let faults = faults();
    let stage = Stage::new(faults.len() + 2);
    let vins = stage.simulator.vins();
    let (sick, well) = vins.split_at(faults.len());
    let of_faults = || sick.iter().zip(&faults);
    stage.break_data(of_faults().map(|(vin, (fault, _))| (vin.clone(), fault.clone())));
    let observer = stage.observer(stage.simulator.url().as_str()).start();

    // Each fails in its own way.
    let failing = faults.iter().filter(|(_, error)| !error.is_empty()).count();
    eventually("failures", || {
        let failed = stage.own("observer.cycles", &["outcome"]);
        (failed.get("failed").copied() >= Some(failing as f64)).then_some(())
    });
    let requests = stage.own(
        "http.client.request.duration",
        &["url.template", "http.response.status_code", "error.type"],
    );
    let data = "/api/1/vehicles/{id}/vehicle_data";
    for (status, error) in [
        ("200", "body"),
        ("", "timeout"),
        ("", "connect"),
        ("", "protocol"),
        ("302", ""),
    ] {
        let key = format!("{data} {status} {error}");
        assert!(requests.contains_key(&key), "{key}: {requests:?}");
    }
    let read = read_after(&stage.well, 0);
    for (vin, (fault, error)) in of_faults() {
        assert_eq!(read.contains(vin), error.is_empty(), "{fault:?}");
    }
    // Those that are well are read at each turn.
    for turn in 0..4 {
        stage.all_read(well, &format!("turn {turn}"));
    }

    stage.simulator.set_faults(Default::default());
    let before = nanos();
    // What leads elsewhere is taken for a captive portal, which is left alone for a quarter of an hour;
    // readings that are older than the last one, which a clock that was ahead makes, are not used for
    // ten minutes.
    let recovers = |(_, (fault, _)): &(_, &(Fault, _))| match fault {
        Fault::Redirect { .. } => false,
        Fault::CarClock { seconds } => *seconds <= 0,
        _ => true,
    };
    let recovered: Vec<String> = of_faults()
        .filter(recovers)
        .map(|(vin, _)| vin.clone())
        .collect();
    // After three failures a car is left alone for a minute.
    let (longest, step) = (Duration::from_secs(75), Duration::from_millis(100));
    within(longest, "all cars after the faults", || {
        let read = read_after(&stage.well, before);
        let all = recovered.iter().all(|vin| read.contains(vin));
        all.then_some(()).or_else(|| {
            std::thread::sleep(step);
            None
        })
    });
    let log = ends_well(observer, &stage.token, "answers");
    for told in [
        "larger than 8 MiB",
        "is not HTTP",
        "no whole answer within",
        "is about another car",
        "was cut off or is damaged",
        "leads elsewhere",
    ] {
        assert!(log.contains(told), "{told}:\n{log}");
    }
    // What was cut off is not quoted: it begins with whose car it is.
    assert!(!log.contains("user_id"), "{log}");
}

/// All come at the same time, and each is large before it is given up.
#[test]
fn twenty_large_answers_at_a_time_take_no_more_memory_than_one() {
    let stage = Stage::new(20);
    let vins = stage.simulator.vins();
    let endless = Fault::Endless {
        bytes_per_second: 5_000_000,
    };
    stage.break_data(vins.iter().map(|vin| (vin.clone(), endless.clone())));
    let observer = stage.observer(stage.simulator.url().as_str()).start();
    let failing = vins.len() as f64;
    stage.counted("large", "observer.cycles", &["outcome"], "failed", failing);
    ends_well(observer, &stage.token, "twenty large answers");
}

/// Each is read, by four cars at a time where it is about a car.
#[test]
fn an_answer_of_a_million_tiny_values_takes_no_more_memory_than_its_text() {
    let known = r#"{"response":{"charge_state":["#;
    let mut cases = vec![(Route::VehicleData, 200, known, "]}}")];
    for route in [Route::VehicleData, Route::Vehicle, Route::Products] {
        cases.push((route, 200, r#"{"response":["#, "]}"));
        cases.push((route, 500, "[", "]"));
    }
    // One after the other: without optimizations, each keeps a core busy for seconds.
    for (route, code, before, after) in cases {
        let stage = Stage::new(4);
        let rule = Rule {
            route: Some(route),
            vehicle: None,
            fault: Fault::Tiny {
                code,
                bytes: READ,
                before: before.to_owned(),
                after: after.to_owned(),
            },
            when: When::Always,
        };
        stage.simulator.set_faults(Faults { rules: vec![rule] });
        let observer = stage
            .observer(stage.simulator.url().as_str())
            .with("TESLA_TIMEOUT_SEC", "120")
            .start();
        eventually("all are read", || {
            let cycles = stage.own("observer.cycles", &["outcome"]);
            let read = match route {
                Route::Products => stage.simulator.requests().of(route) > 1,
                _ => cycles.values().sum::<f64>() >= 4.0,
            };
            read.then_some(())
        });
        let what = format!("{route:?} {code} {before}");
        let log = ends_well(observer, &stage.token, &what);
        for given_up in ["larger than", "no whole answer"] {
            assert!(!log.contains(given_up), "{what}:\n{log}");
        }
    }
}
