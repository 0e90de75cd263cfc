//! What Prometheus scrapes: real Prometheus, and its own tool's opinion of the scrape.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use metric_tests::fields;
use metric_tests::parked::{
    NAME, VIN, assert_all_series, assert_series, count_of_series, first_names, response,
};
use metric_tests::process::eventually;
use metric_tests::samples::{Sample, assert_same};
use metric_tests::servers::{Prometheus, promtool};
use metric_tests::tesla::{Answer, Car, Tesla};
use tokio::runtime::Runtime;

/// A port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    listener.local_addr().expect("it is bound").port()
}

/// What promtool's linter says of names that are promised as they are: sections and fields as Tesla
/// calls them. Everything else must be clean.
const PROMISED: [&str; 13] = [
    "chargestate_charge_miles_added_ideal use base unit \"meters\" instead of \"miles\"",
    "chargestate_charge_miles_added_rated use base unit \"meters\" instead of \"miles\"",
    "chargestate_minutes_to_full_charge use base unit \"seconds\" instead of \"minutes\"",
    "chargestate_off_peak_hours_end_time use base unit \"seconds\" instead of \"hours\"",
    "chargestate_scheduled_charging_start_time_minutes use base unit \"seconds\" instead of \"minutes\"",
    "chargestate_scheduled_departure_time_minutes use base unit \"seconds\" instead of \"minutes\"",
    "drivestate_active_route_miles_to_arrival use base unit \"meters\" instead of \"miles\"",
    "drivestate_active_route_minutes_to_arrival use base unit \"seconds\" instead of \"minutes\"",
    "drivestate_active_route_traffic_minutes_delay use base unit \"seconds\" instead of \"minutes\"",
    "vehiclestate_homelink_device_count non-histogram and non-summary metrics should not have \"_count\" suffix",
    "vehiclestate_software_update_expected_duration_sec metric names should not contain abbreviated units",
    "vehiclestate_software_update_scheduled_time_ms metric names should not contain abbreviated units",
    "vehiclestate_software_update_warning_time_remaining_ms metric names should not contain abbreviated units",
];

/// A car without a name.
const OTHER: &str = "5YJ3E1EA0KF000001";

#[test]
fn prometheus_scrapes_everything_and_promtool_objects_to_promised_names_only() {
    let runtime = Runtime::new().expect("a runtime");
    let port = free_port();
    let everything = fields::everything();
    let cars = [
        Car::saying(VIN, Some(NAME), response()),
        Car::saying(OTHER, None, &everything),
    ];
    let mut observer = runtime
        .block_on(Tesla::start(cars.into()))
        .observer()
        .with("OTEL_METRICS_EXPORTER", "prometheus")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port)
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        .start();
    let url = format!("http://127.0.0.1:{port}/metrics");
    let scrape = eventually("a scrape that has the car", || {
        assert!(observer.is_running(), "{}", observer.log());
        let text = reqwest::blocking::get(&url).ok()?.text().ok()?;
        let cars = text.matches("\ndrivestate_speed{").count();
        (cars == 2 && text.contains(VIN) && text.contains("http_client_")).then_some(text)
    });
    let mut expected = Vec::new();
    for (name, vin, response) in [(NAME, VIN, response()), (OTHER, OTHER, everything.as_str())] {
        for of in [
            fields::of_answer(response, false),
            fields::of_availability("online", Some(response)),
        ] {
            expected.extend(of.of_car(name, vin).iter().map(Sample::prometheus));
        }
    }
    let found = scrape.lines().filter(|line| line.contains("vin="));
    let found: Vec<String> = found.map(str::to_owned).collect();
    assert_same("the scrape", &found, &expected);
    if let Some((fine, said)) = promtool(&scrape) {
        assert_eq!(said, PROMISED);
        assert!(!fine, "it ends well only if there is nothing to say");
    }
    if let Some(server) = Prometheus::start(&format!("127.0.0.1:{port}")) {
        for name in first_names() {
            assert_series(name, &server.query(&format!("{name}{{vin=\"{VIN}\"}}"), 1));
        }
        let all = format!("{{vin=\"{VIN}\"}}");
        assert_all_series(&server.query(&all, count_of_series()));
        assert_eq!(server.query("up", 1)[0].1, 1.0);
    }
    let (status, log) = observer.stop();
    assert!(status.success(), "{status}:\n{log}");
}

/// What a car said does not stand on the endpoint when it is not known any more.
#[test]
fn a_scrape_has_nothing_of_a_car_that_fails() {
    let runtime = Runtime::new().expect("a runtime");
    let port = free_port();
    let broken = Arc::new(AtomicBool::new(false));
    let is_broken = Arc::clone(&broken);
    let car = Car {
        vin: VIN.to_owned(),
        name: None,
        state: "online",
        answers: Box::new(move |_| match is_broken.load(Ordering::Relaxed) {
            false => Answer::Response(response().to_owned()),
            true => Answer::Other(500, "text/plain", "oops"),
        }),
    };
    let tesla = runtime.block_on(Tesla::start(vec![car]));
    let observer = tesla
        .observer()
        .with("OTEL_METRICS_EXPORTER", "prometheus")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port)
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        .start();
    let url = format!("http://127.0.0.1:{port}/metrics");
    let get = || reqwest::blocking::get(&url).ok()?.text().ok();
    eventually("the car on the endpoint", || {
        get().filter(|text| text.contains(VIN))
    });
    broken.store(true, Ordering::Relaxed);
    eventually("the end of its series", || {
        get().filter(|text| !text.contains(VIN))
    });
    drop(observer);
}
