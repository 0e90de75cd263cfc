//! Several observers split a fleet: each car is observed by exactly one of them.

use std::collections::BTreeSet;

use metric_tests::observer::Observer;
use metric_tests::receiver;
use metric_tests::samples::of_cars;
use secrecy::ExposeSecret as _;
use tesla_observer::simulator::{Settings, Simulator};
use tokio::runtime::Runtime;

const CARS: usize = 30;

#[test]
fn each_car_is_observed_by_exactly_one_of_the_observers_that_split_a_fleet() {
    let runtime = Runtime::new().expect("a runtime");
    let settings = Settings {
        vehicles: CARS,
        speed: 0.0,
        ..Settings::default()
    };
    let simulator = runtime
        .block_on(Simulator::start(settings))
        .expect("a free port");
    let token = simulator.issue_tokens().access_token;
    let mut observed: Vec<String> = Vec::new();
    for shard in ["0/3", "1/3", "2/3"] {
        let (address, received) = runtime.block_on(receiver::http());
        let observer = Observer::of(simulator.url().as_str(), token.expose_secret())
            .with("TESLA_OBSERVER_SHARD", shard)
            .otlp("http/protobuf", &format!("http://{address}"));
        observer.once_well();
        let own: BTreeSet<String> = received.with_requests(|all| {
            let samples = of_cars(all).into_iter();
            samples
                .map(|sample| sample.attributes["vin"].clone())
                .collect()
        });
        assert!(own.len() >= CARS / 6, "{shard}: {}", own.len());
        let (_, listed) = observer.printed(&["vehicles"]);
        let said = format!(
            "{} of {CARS} vehicles belong to the part {shard}",
            own.len()
        );
        assert!(listed.contains(&said), "{listed}");
        observed.extend(own);
    }
    observed.sort();
    let mut all = simulator.vins();
    all.sort();
    assert_eq!(observed, all);
    runtime.block_on(simulator.shutdown());
}

/// A name that is misspelt is said, whichever part the car would belong to.
#[test]
fn a_car_that_does_not_exist_is_missed_in_every_part() {
    let runtime = Runtime::new().expect("a runtime");
    let settings = Settings {
        speed: 0.0,
        ..Settings::default()
    };
    let simulator = runtime
        .block_on(Simulator::start(settings))
        .expect("a free port");
    let token = simulator.issue_tokens().access_token;
    let vin = simulator.vins().remove(0);
    for shard in ["0/2", "1/2"] {
        let observer = Observer::of(simulator.url().as_str(), token.expose_secret())
            .with("TESLA_OBSERVER_SHARD", shard);
        let (status, log) = observer.clone().with("TESLA_VEHICLES", "Polarsi").once();
        assert!(
            !status.success() && log.contains("none is called Polarsi"),
            "{log}"
        );
        let log = observer
            .with("TESLA_VEHICLES", format!("Polarsi,{vin}"))
            .once_well();
        assert!(log.contains("no vehicle is called \"Polarsi\""), "{log}");
    }
    runtime.block_on(simulator.shutdown());
}

#[test]
fn a_part_that_is_none_is_refused_before_anything_is_asked() {
    let observer = Observer::of("http://127.0.0.1:9", "token").with("TESLA_OBSERVER_SHARD", "3/3");
    let (status, log) = observer.once();
    assert_eq!(status.code(), Some(2), "{log}");
    assert!(
        log.contains("TESLA_OBSERVER_SHARD") && log.contains("0/3, 1/3 or 2/3"),
        "{log}"
    );
}
