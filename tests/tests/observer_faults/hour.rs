//! An hour in which a fifth of all requests fail.

use std::time::Duration;

use metric_tests::samples::of_cars;
use tesla_observer::simulator::{Fault, Faults, Rule, Settings, When};

use crate::stage::{Stage, ends_well, eventually, nanos, read_after};

/// How fast the simulated clock runs: an hour is a quarter of a minute.
const SPEED: f64 = 240.0;

#[test]
fn an_hour_of_errors_costs_readings_and_nothing_else() {
    let stage = Stage::with(Settings {
        vehicles: 20,
        speed: SPEED,
        seed: 4,
        ..Settings::default()
    });
    let vins = stage.simulator.vins();
    let observer = stage.observer(stage.simulator.url().as_str()).start();
    let turns = || {
        let turns = stage.own("observer.cycles", &["outcome"]);
        turns.values().sum::<f64>()
    };
    eventually("turns", || (turns() >= 40.0).then_some(()));
    let faults = [
        Fault::ServerError,
        Fault::BadGateway,
        Fault::ServiceUnavailable,
        Fault::UpstreamTimeout,
        Fault::DeviceError,
    ];
    let count = faults.len();
    // Each strikes those that the ones before have left: together, a fifth.
    let rules = faults.into_iter().enumerate().map(|(index, fault)| Rule {
        route: None,
        vehicle: None,
        fault,
        when: When::Chance(0.2 / count as f64 / (1.0 - 0.2 * index as f64 / count as f64)),
    });
    let clock = stage.simulator.clock();
    let start = clock.now_ms();
    stage.simulator.set_faults(Faults {
        rules: rules.collect(),
    });
    let hour = i64::try_from(Duration::from_secs(3_600).as_millis()).expect("an hour");
    eventually("an hour", || (clock.now_ms() - start >= hour).then_some(()));
    let asked: u64 = stage.simulator.requests().iter().map(|own| own.count).sum();
    stage.simulator.set_faults(Faults::default());

    let keys = ["http.response.status_code"];
    let requests = stage.own("http.client.request.duration", &keys);
    let all: f64 = requests.values().sum();
    let failed: f64 = requests
        .iter()
        .filter(|(status, _)| status.as_str() >= "500")
        .map(|(_, count)| count)
        .sum();
    eprintln!("{asked} requests, of {all} that were counted {failed} failed: {requests:?}");
    let statuses = ["500", "502", "503", "504", "540"];
    assert!(
        statuses.iter().all(|status| requests.contains_key(*status)),
        "{requests:?}"
    );
    let outcomes = stage.own("observer.cycles", &["outcome"]);
    assert!(
        outcomes.get("failed").is_some_and(|failed| *failed > 10.0),
        "{outcomes:?}"
    );

    // Afterwards every car is heard of again, asleep or not, within the longest wait after failures.
    let since = nanos();
    eventually("all cars", || {
        let heard = stage.well.with_requests(of_cars);
        let of = |vin: &String| {
            heard.iter().any(|sample| {
                sample.name == "vehicle_state_online"
                    && sample.attribute("vin") == vin
                    && sample.time > since
            })
        };
        vins.iter().all(of).then_some(())
    });
    assert!(!read_after(&stage.well, since).is_empty());
    let log = ends_well(observer, &stage.token, "an hour");
    // Each car says once in a quarter of an hour what is wrong with it, not at each turn.
    let warnings = log.matches("WARN").count();
    assert!(warnings < 3 * vins.len(), "{warnings} warnings");
}
