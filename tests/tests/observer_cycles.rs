//! Several cycles against several cars: each snapshot is exported exactly once to each destination, a
//! sleeping car is left alone, and a car that fails disturbs no other.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use metric_tests::fields;
use metric_tests::observer::{Observer, TOKEN};
use metric_tests::process::eventually;
use metric_tests::receiver::{self, Received};
use metric_tests::samples::{Number, Sample, lines, of_cars};
use metric_tests::tesla::{Answer, Car, Tesla};
use secrecy::ExposeSecret as _;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};
use tokio::runtime::Runtime;

/// How many cycles are awaited.
const CYCLES: u64 = 5;

/// A car whose odometer counts its answers.
fn counting(vin: &str) -> Car {
    Car {
        vin: vin.to_owned(),
        name: None,
        state: "online",
        answers: Box::new(|nth| {
            Answer::Response(format!(
                r#"{{"vehicle_state": {{"odometer": {nth}, "locked": true}},
                     "charge_state": {{"battery_level": {}}}}}"#,
                nth % 100
            ))
        }),
    }
}

/// A car that fails in one way, always.
fn failing(vin: &str, answer: Answer) -> Car {
    Car {
        vin: vin.to_owned(),
        name: None,
        state: "online",
        answers: Box::new(move |_| answer.clone()),
    }
}

/// The points of a metric of a car, in the order they came.
fn of<'a>(samples: &'a [Sample], vin: &str, metric: &str) -> Vec<&'a Sample> {
    let own = |sample: &&Sample| sample.name == metric && sample.attribute("vin") == vin;
    samples.iter().filter(own).collect()
}

fn values(samples: &[&Sample]) -> Vec<f64> {
    samples.iter().map(|sample| sample.value.float()).collect()
}

fn assert_increasing(samples: &[&Sample], what: &str) {
    for pair in samples.windows(2) {
        assert!(pair[0].time < pair[1].time, "{what}: {pair:?}");
    }
}

/// Whether the log says that a car has failed.
fn fails(log: &str, vin: &str) -> bool {
    log.lines()
        .any(|line| line.contains("WARN") && line.contains(vin))
}

/// To two destinations at once, of which one is GreptimeDB's.
#[test]
fn each_snapshot_is_exported_exactly_once_to_each_destination() {
    const GOOD: [&str; 3] = [
        "5YJ3E1EA0KF000001",
        "5YJ3E1EA0KF000002",
        "5YJ3E1EA0KF000003",
    ];
    const SLEEPER: &str = "5YJ3E1EA0KF000009";
    const FAILING: [&str; 4] = [
        "5YJ3E1EA0KF000004",
        "5YJ3E1EA0KF000005",
        "5YJ3E1EA0KF000006",
        "5YJ3E1EA0KF000007",
    ];
    let runtime = Runtime::new().expect("a runtime");
    let (one, first) = runtime.block_on(receiver::http());
    let (other, second) = runtime.block_on(receiver::http());
    let answers = [
        Answer::Other(
            500,
            "application/json",
            r#"{"response":null,"error":"oops"}"#,
        ),
        Answer::Hang,
        Answer::Other(
            200,
            "text/html",
            "<html><body>Sign in to the network</body></html>",
        ),
        Answer::Other(
            200,
            "application/json",
            r#"{"response":{"charge_state":{"battery_l"#,
        ),
    ];
    let mut cars: Vec<Car> = GOOD.into_iter().map(counting).collect();
    cars.extend(
        FAILING
            .into_iter()
            .zip(answers)
            .map(|(vin, answer)| failing(vin, answer)),
    );
    cars.push(Car {
        state: "asleep",
        ..counting(SLEEPER)
    });
    let tesla = runtime.block_on(Tesla::start(cars));
    let mut observer = tesla
        .observer()
        .otlp("http/protobuf", &format!("http://{one}"))
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", other.port())
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        .with("TESLA_TIMEOUT_SEC", "3")
        .start();
    let sleeps = |received: &Received| {
        let samples = of_cars(&received.requests());
        of(&samples, SLEEPER, "vehicle_state_online").len() as u64
    };
    eventually("cycles of every car", || {
        let good = GOOD.iter().all(|vin| tesla.asked_for_data_of(vin) > CYCLES);
        // The one that hangs fails last.
        let log = observer.log();
        let bad = FAILING.iter().all(|vin| fails(&log, vin));
        (good && bad && sleeps(&first) > CYCLES && sleeps(&second) > CYCLES).then_some(())
    });
    let (status, log) = observer.stop();
    assert!(status.success(), "{status}:\n{log}");

    let mut both = Vec::new();
    for received in [&first, &second] {
        let samples = of_cars(&received.requests());
        for vin in GOOD {
            let odometer = of(&samples, vin, "vehiclestate_odometer");
            let asked = tesla.asked_for_data_of(vin);
            // The last answer may have come when it was already ending.
            let counted = odometer.len() as u64;
            assert!(
                counted == asked || counted + 1 == asked,
                "{counted} of {asked}"
            );
            let all: Vec<f64> = (1..=counted).map(|nth| nth as f64).collect();
            assert_eq!(values(&odometer), all, "{vin}: once each, in order");
            assert_increasing(&odometer, vin);
            for metric in ["chargestate_battery_level", "vehicle_state_online"] {
                assert_eq!(
                    of(&samples, vin, metric).len() as u64,
                    counted,
                    "{vin}: {metric}"
                );
            }
            assert!(
                values(&of(&samples, vin, "vehicle_state_online"))
                    .iter()
                    .all(|own| *own == 1.0)
            );
        }
        for vin in FAILING {
            let own = samples
                .iter()
                .filter(|sample| sample.attribute("vin") == vin);
            assert_eq!(own.count(), 0, "{vin}: nothing is made up");
        }
        let asleep: Vec<Sample> = samples
            .iter()
            .filter(|sample| sample.attribute("vin") == SLEEPER)
            .cloned()
            .collect();
        let turns = of(&asleep, SLEEPER, "vehicle_state_online");
        assert_increasing(&turns, "asleep");
        let expected = fields::of_availability("asleep", None).lines(SLEEPER, SLEEPER);
        let expected = expected
            .iter()
            .flat_map(|line| vec![line.clone(); turns.len()]);
        assert_eq!(lines(&asleep), expected.collect::<Vec<_>>());
        both.push(samples);
    }
    // Whole requests, byte for byte the same values and times; cycles may have been cut off at the end
    // for neither.
    assert_eq!(
        times(&both[0]),
        times(&both[1]),
        "both destinations have the same"
    );

    assert_eq!(
        tesla.asked_for_data_of(SLEEPER),
        0,
        "a sleeping car is not asked for data"
    );
    let wrong: Vec<_> = tesla
        .asked()
        .into_iter()
        .filter(|asked| !asked.what.starts_with("GET /api/1/") || asked.what.contains("wake"))
        .collect();
    assert!(wrong.is_empty(), "only reads: {wrong:?}");
    assert!(!log.contains(TOKEN), "the token is not in the log");
}

/// Points with their times, in an order of their own.
fn times(samples: &[Sample]) -> BTreeMap<(String, u64), usize> {
    let mut times = BTreeMap::new();
    for sample in samples {
        *times.entry((sample.line(), sample.time)).or_default() += 1;
    }
    times
}

/// The simulator's cars, through their days and nights: none is ever woken, none is asked for its data
/// while it sleeps, and all but the one that fails are exported.
#[test]
fn the_simulators_cars_sleep_undisturbed_and_fail_alone() {
    let runtime = Runtime::new().expect("a runtime");
    let settings = Settings {
        vehicles: 8,
        speed: 0.0,
        // At night, when most have been parked for long.
        start: Some(UNIX_EPOCH + Duration::from_secs(1_780_279_200)),
        ..Settings::default()
    };
    let simulator = runtime
        .block_on(Simulator::start(settings))
        .expect("a free port");
    simulator.clock().advance(Duration::from_secs(3600));
    let token = simulator.issue_tokens().access_token;
    let vins = simulator.vins();
    // The first drives, and so is online.
    let broken = vins[0].clone();
    simulator.set_faults(Faults {
        rules: vec![Rule {
            route: Some(Route::VehicleData),
            vehicle: Some(broken.clone()),
            fault: Fault::BadGateway,
            when: When::Always,
        }],
    });
    let (address, received) = runtime.block_on(receiver::grpc());
    let observer = Observer::of(simulator.url().as_str(), token.expose_secret())
        .otlp("grpc", &format!("http://{address}"))
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        .start();
    let others: Vec<&String> = vins.iter().filter(|vin| **vin != broken).collect();
    eventually("cycles of all cars", || {
        let samples = of_cars(&received.requests());
        let done = |vin: &&String| of(&samples, vin, "vehicle_state_online").len() as u64 > CYCLES;
        let failed = simulator.requests().of_vehicle(Route::VehicleData, &broken) > 0;
        (others.iter().all(done) && failed).then_some(())
    });
    let (status, log) = observer.stop();
    assert!(status.success(), "{status}:\n{log}");

    let samples = of_cars(&received.requests());
    let mut sleepers = 0;
    for vin in &others {
        let online = of(&samples, vin, "vehicle_state_online");
        assert_increasing(&online, vin);
        let asked = simulator.requests().of_vehicle(Route::VehicleData, vin);
        let timestamps = of(&samples, vin, "chargestate_timestamp").len() as u64;
        let awake = online
            .iter()
            .filter(|sample| sample.value == Number::Int(1))
            .count() as u64;
        assert_eq!(awake, timestamps, "{vin}: online is when there are data");
        assert!(
            asked == awake || asked == awake + 1,
            "{vin}: {asked} questions, {awake} answers"
        );
        if awake == 0 {
            sleepers += 1;
            assert_eq!(asked, 0, "{vin} sleeps");
            let asleep = samples.iter().filter(|sample| {
                sample.attribute("vin") == *vin
                    && sample.name == "vehicle_state"
                    && sample.attribute("state") == "asleep"
            });
            assert!(asleep.clone().all(|sample| sample.value == Number::Int(1)));
            assert_eq!(asleep.count(), online.len());
        }
    }
    assert!(sleepers > 0, "some sleep at night");
    assert!(sleepers < others.len(), "some do not");
    assert!(
        of(&samples, &broken, "vehicle_state_online").is_empty(),
        "it fails"
    );
    assert_eq!(simulator.wake_count(), 0);
    assert_eq!(simulator.requests().of(Route::WakeUp), 0);
    runtime.block_on(simulator.shutdown());
}
