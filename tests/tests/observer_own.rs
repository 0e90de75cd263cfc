//! The observer's work is observed, too: what it counts of itself is what the servers around it have
//! seen.

use std::collections::BTreeMap;
use std::net::TcpListener;

use metric_tests::account;
use metric_tests::process::eventually;
use metric_tests::receiver::{self, Received};
use metric_tests::samples::{self, samples};
use metric_tests::tesla::{Answer, Car, Tesla};
use secrecy::ExposeSecret as _;
use tesla_observer::simulator::{Route, Settings, Simulator};
use tokio::runtime::Runtime;

/// When tokens ended that must be renewed at once.
const LONG_AGO: u64 = 1_600_000_000;

const GOOD: &str = "5YJ3E1EA0KF000001";
const BROKEN: &str = "5YJ3E1EA0KF000002";
const SLEEPER: &str = "5YJ3E1EA0KF000003";

/// Two fields that nobody knows, a state that nobody knows, a text where a number belongs, and a number
/// that is too large.
const ODD: &str = r#"{
    "charge_state": {"battery_level": "full", "charging_state": "Levitating", "charge_rate": 1e999,
                     "charge_amps": 16, "flux": 1},
    "vehicle_state": {"odometer": 12.5},
    "teleporter": true
}"#;

fn car(vin: &str, state: &'static str, answer: Answer) -> Car {
    Car {
        vin: vin.to_owned(),
        name: None,
        state,
        answers: Box::new(move |_| answer.clone()),
    }
}

fn tesla(runtime: &Runtime) -> Tesla {
    runtime.block_on(Tesla::start(vec![
        car(GOOD, "online", Answer::Response(ODD.to_owned())),
        car(
            BROKEN,
            "online",
            Answer::Other(500, "application/json", "{}"),
        ),
        car(SLEEPER, "asleep", Answer::Hang),
    ]))
}

fn last(received: &Received, metric: &str, keys: &[&str]) -> BTreeMap<String, f64> {
    received.with_requests(|all| samples::last(all, metric, keys))
}

fn counts<const N: usize>(pairs: [(&str, f64); N]) -> BTreeMap<String, f64> {
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

#[test]
fn requests_cycles_and_unread_fields_are_counted() {
    let runtime = Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::http());
    let tesla = tesla(&runtime);
    let endpoint = format!("http://{address}");
    let (status, log) = tesla.observer().otlp("http/protobuf", &endpoint).once();
    assert!(!status.success(), "one car failed:\n{log}");

    let cycles = last(&received, "observer.cycles", &["outcome"]);
    assert_eq!(
        cycles,
        counts([("asleep", 1.0), ("failed", 1.0), ("read", 1.0)])
    );
    let durations = last(&received, "observer.cycle.duration", &["outcome"]);
    assert_eq!(durations, cycles);
    let unread = last(&received, "observer.fields.unread", &["reason"]);
    let expected = [
        ("out_of_range", 1.0),
        ("unknown_field", 2.0),
        ("unknown_state", 1.0),
        ("wrong_type", 1.0),
    ];
    assert_eq!(unread, counts(expected));
    for field in [
        "battery_level",
        "charging_state",
        "charge_rate",
        "charge_state.flux",
        "teleporter",
    ] {
        assert_eq!(
            log.matches(field).count(),
            1,
            "{field} is said once:\n{log}"
        );
    }

    // The same as the service has counted.
    let keys = ["url.template", "http.response.status_code", "error.type"];
    let requests = last(&received, "http.client.request.duration", &keys);
    let data = "/api/1/vehicles/{id}/vehicle_data";
    let expected = [
        ("/api/1/products 200 ".to_owned(), 1.0),
        ("/api/1/vehicles/{id} 200 ".to_owned(), 3.0),
        (format!("{data} 200 "), 1.0),
        (
            format!("{data} 500 500"),
            tesla.asked_for_data_of(BROKEN) as f64,
        ),
    ];
    assert_eq!(requests, BTreeMap::from(expected));
    assert_eq!(tesla.asked().len() as f64, requests.values().sum::<f64>());

    let units = samples(&received.requests());
    for (name, unit, kind) in [
        ("http.client.request.duration", "s", "histogram"),
        ("observer.cycle.duration", "s", "histogram"),
        ("observer.cycles", "{cycle}", "sum"),
        ("observer.fields.unread", "{field}", "sum"),
        ("process.uptime", "s", "gauge"),
        ("process.memory.usage", "By", "sum"),
    ] {
        let sample = units.iter().find(|sample| sample.name == name);
        let sample = sample.unwrap_or_else(|| panic!("no {name}"));
        assert_eq!((sample.unit.as_str(), sample.kind), (unit, kind), "{name}");
    }
}

/// While it runs, its own metrics are exported at their own interval, and say what has become of exports
/// to a destination that is not there and to one that refuses.
#[test]
fn vehicles_and_export_failures_are_reported_while_it_runs() {
    let runtime = Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::http());
    let tesla = tesla(&runtime);
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let port = nobody.local_addr().expect("it is bound").port();
    drop(nobody);
    let observer = tesla
        .observer()
        .otlp("http/protobuf", &format!("http://{address}"))
        // It takes no spans: there is no such path.
        .with(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            format!("http://{address}/nothing/here"),
        )
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", port)
        .with("OTEL_METRIC_EXPORT_INTERVAL", "200")
        .with("OTEL_BSP_SCHEDULE_DELAY", "200")
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        .start();

    let vehicles = eventually("the vehicles", || {
        let found = last(&received, "observer.vehicles", &["availability"]);
        (found.values().sum::<f64>() >= 2.0).then_some(found)
    });
    assert_eq!(vehicles, counts([("asleep", 1.0), ("online", 1.0)]));
    let keys = ["destination", "signal", "error.type"];
    let failures = eventually("failed exports", || {
        let found = last(&received, "observer.export.failures", &keys);
        (found.len() >= 2).then_some(found)
    });
    let kinds: Vec<_> = failures.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["greptimedb metrics connect", "otlp traces 404"]);
    let dropped = eventually("what is lost", || {
        let found = last(
            &received,
            "observer.export.dropped",
            &["destination", "signal", "reason"],
        );
        (!found.is_empty()).then_some(found)
    });
    let kinds: Vec<_> = dropped.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["otlp traces refused"]);
    eventually("delivered exports", || {
        let found = last(&received, "observer.exports", &["destination", "signal"]);
        let delivered = *found.get("otlp metrics")? as usize;
        // Those that had arrived before this was said.
        (delivered > 2 && delivered <= received.with_requests(<[_]>::len)).then_some(())
    });
    eventually("further cycles", || {
        (tesla.asked_for_data_of(GOOD) > 3).then_some(())
    });
    let (_, log) = observer.stop();
    for field in [
        "charge_state.battery_level",
        "charge_state.flux",
        "teleporter",
    ] {
        assert_eq!(
            log.matches(field).count(),
            1,
            "{field} is said once:\n{log}"
        );
    }
    for told in ["greptimedb", "404"] {
        assert!(log.contains(told), "{told} is in the log:\n{log}");
    }
}

/// What the service was asked, by what the price list calls it, and what that costs in dollars.
fn asked(simulator: &Simulator) -> (BTreeMap<&'static str, f64>, f64) {
    let requests = simulator.requests();
    let count = |routes: &[Route]| routes.iter().map(|own| requests.of(*own)).sum::<u64>() as f64;
    let data = count(&[Route::VehicleData]);
    let state = count(&[
        Route::Products,
        Route::Vehicles,
        Route::Vehicle,
        Route::Region,
    ]);
    let classes = [
        ("auth", count(&[Route::Token])),
        ("data", data),
        ("state", state),
    ];
    (classes.into(), data / 500.0 + state / 1_000.0)
}

/// Requests are those of one process, and a budget is the account's.
#[test]
fn requests_and_budgets_are_what_the_service_has_counted() {
    let runtime = Runtime::new().expect("a runtime");
    for (budget, limited, limit) in [("2000/day", "requests", 2_000.0), ("10 USD", "money", 10.0)] {
        let settings = Settings {
            speed: 0.0,
            ..Settings::default()
        };
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .expect("a free port");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tokens = simulator.issue_tokens();
        let observer =
            account::imported(simulator.url().as_str(), &tokens, folder.path(), LONG_AGO)
                .with("TESLA_BUDGET", budget);
        for _ in 0..3 {
            let (before, _) = asked(&simulator);
            let (address, received) = runtime.block_on(receiver::http());
            let endpoint = format!("http://{address}");
            observer
                .clone()
                .otlp("http/protobuf", &endpoint)
                .once_well();
            let (after, dollars) = asked(&simulator);
            let new = after
                .iter()
                .map(|(class, all)| (*class, all - before[class]));
            let new: BTreeMap<_, _> = new.filter(|(_, new)| *new > 0.0).collect();
            let by_class = last(&received, "observer.requests", &["class"]);
            let by_class = by_class.iter().map(|(class, own)| (class.as_str(), *own));
            assert_eq!(by_class.collect::<BTreeMap<_, _>>(), new, "{budget}");

            let figure = |name: &str| {
                let found = last(&received, &format!("observer.budget.{name}"), &[]);
                found.get("").copied()
            };
            let is = |name: &str, expected: f64| {
                let found = figure(name);
                let is_it = found.is_some_and(|found| (found - expected).abs() < 1e-9);
                assert!(is_it, "{budget}: {name} is {found:?}, not {expected}");
            };
            let requests = after["data"] + after["state"];
            is("requests.spent", requests);
            is("money.spent", dollars);
            let (spent, other) = match limited {
                "requests" => (requests, "money"),
                _ => (dollars, "requests"),
            };
            is(&format!("{limited}.limit"), limit);
            is(&format!("{limited}.remaining"), limit - spent);
            for none in ["limit", "remaining"] {
                let none = format!("{other}.{none}");
                assert_eq!(figure(&none), None, "{budget}: there is no {none}");
            }
            let pace = figure("pace");
            assert!(pace.is_some_and(|pace| pace >= 1.0), "{budget}: {pace:?}");
        }
        runtime.block_on(simulator.shutdown());
    }
}

#[test]
fn the_tokens_age_is_reported_and_renewed_tokens_are_young() {
    let runtime = Runtime::new().expect("a runtime");
    let (address, received) = runtime.block_on(receiver::http());
    let settings = Settings {
        speed: 0.0,
        ..Settings::default()
    };
    let simulator = runtime
        .block_on(Simulator::start(settings))
        .expect("a free port");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tokens = simulator.issue_tokens();
    let log = account::imported(simulator.url().as_str(), &tokens, folder.path(), LONG_AGO)
        .otlp("http/protobuf", &format!("http://{address}"))
        .once_well();
    assert!(
        !log.contains("MeterProvider"),
        "libraries are quiet:\n{log}"
    );

    let value = |name| {
        let found = last(&received, name, &[]);
        found
            .get("")
            .copied()
            .unwrap_or_else(|| panic!("no {name}"))
    };
    let age = value("observer.token.age");
    assert!((0.0..60.0).contains(&age), "{age}");
    let rest = value("observer.token.expires_in");
    assert!((28_000.0..=28_800.0).contains(&rest), "{rest}");
    assert_eq!(simulator.requests().of(Route::Token), 1, "renewed once");
    for secret in [&tokens.access_token, &tokens.refresh_token] {
        assert!(!log.contains(secret.expose_secret()), "no token in the log");
        let all = format!(
            "{:?}{:?}{:?}",
            received.requests(),
            received.traces(),
            received.logs()
        );
        assert!(
            !all.contains(secret.expose_secret()),
            "no token in telemetry"
        );
    }
    runtime.block_on(simulator.shutdown());
}
