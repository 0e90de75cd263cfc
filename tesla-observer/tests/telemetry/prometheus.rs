//! The Prometheus endpoint.

use opentelemetry::KeyValue;
use tesla_observer::telemetry::{Prometheus, Settings, Telemetry};

use crate::cars::{Car, Charging, Truck, Wheel, level, vin};
use crate::own::work;
use crate::{PATIENCE, settings, start};

fn endpoint(host: &str) -> Settings {
    Settings {
        prometheus: Some(Prometheus {
            host: host.to_owned(),
            port: 0,
        }),
        ..settings()
    }
}

async fn get(telemetry: &Telemetry, path: &str) -> (Option<String>, String) {
    let address = telemetry.prometheus_addresses()[0];
    let answer = reqwest::get(format!("http://{address}{path}"))
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let kind = answer.headers().get("content-type");
    let kind = kind.and_then(|own| own.to_str().ok()).map(str::to_owned);
    (kind, answer.text().await.expect("text"))
}

async fn scrape(telemetry: &Telemetry) -> String {
    get(telemetry, "/metrics").await.1
}

/// The lines of the fleet's metrics, sorted.
async fn cars(telemetry: &Telemetry) -> Vec<String> {
    let text = scrape(telemetry).await;
    let lines = text.lines().filter(|line| line.starts_with("chargestate_"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn names_and_labels_of_members_stay_as_they_are() {
    let telemetry = start(endpoint("127.0.0.1"));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let awkward = "a\"b\\c\nd — ü";
    let car = fleet.member(vec![KeyValue::new("vehicle_id", awkward)]);
    let report = car.report(Car {
        battery_level: Some(72),
        charge_rate: Some(31.7),
        charging_state: Some(Charging::Complete),
        charge_energy: Some(f64::INFINITY),
    });
    telemetry.report(vec![report]).await;
    let (kind, text) = get(&telemetry, "/metrics").await;
    assert_eq!(kind.as_deref(), Some("text/plain; version=0.0.4"));
    assert!(text.contains(
        "# HELP chargestate_battery_level State of charge shown to the driver.\n\
         # TYPE chargestate_battery_level gauge\n"
    ));
    let id = r#"vehicle_id="a\"b\\c\nd — ü""#;
    // An infinite value is no value: it has no line.
    let expected = [
        format!("chargestate_battery_level{{{id}}} 72"),
        format!("chargestate_charge_rate{{{id}}} 31.7"),
        format!("chargestate_charging_state{{state=\"complete\",{id}}} 1"),
        format!("chargestate_charging_state{{state=\"disconnected\",{id}}} 0"),
    ];
    assert_eq!(cars(&telemetry).await, expected);
}

#[tokio::test]
async fn a_series_lasts_until_it_is_cleared_renamed_dropped_or_has_no_value() {
    let telemetry = start(endpoint("127.0.0.1"));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let (a, b) = (fleet.member(vin("A")), fleet.member(vin("B")));
    let line =
        |vin: &str, level: i64| format!("chargestate_battery_level{{vin=\"{vin}\"}} {level}");
    telemetry.report(vec![a.report(level(1))]).await;
    telemetry.report(vec![b.report(level(2))]).await;
    for _ in 0..3 {
        assert_eq!(cars(&telemetry).await, [line("A", 1), line("B", 2)]);
    }
    telemetry.report(vec![a.report(Car::default())]).await;
    assert_eq!(cars(&telemetry).await, [line("B", 2)]);
    telemetry.report(vec![a.report(level(3))]).await;
    b.clear();
    assert_eq!(cars(&telemetry).await, [line("A", 3)]);
    a.set_attributes(vin("renamed"));
    assert_eq!(cars(&telemetry).await, [""; 0]);
    telemetry
        .report(vec![a.report(level(4)), b.report(level(5))])
        .await;
    assert_eq!(cars(&telemetry).await, [line("B", 5), line("renamed", 4)]);
    let late = b.report(level(6));
    drop(b);
    telemetry.report(vec![late]).await;
    assert_eq!(cars(&telemetry).await, [line("renamed", 4)]);
}

#[tokio::test]
async fn a_fleet_that_grows_keeps_what_its_members_reported() {
    let telemetry = start(endpoint("127.0.0.1"));
    let fleet = telemetry.fleet::<Car>().expect("the first");
    let mut members = Vec::new();
    for size in [1, 16, 17, 100] {
        while members.len() < size {
            let member = fleet.member(vin(members.len()));
            telemetry
                .report(vec![member.report(level(members.len() as i64))])
                .await;
            members.push(member);
        }
        let mut expected: Vec<_> = (0..size)
            .map(|n| format!("chargestate_battery_level{{vin=\"{n}\"}} {n}"))
            .collect();
        expected.sort();
        assert_eq!(cars(&telemetry).await, expected);
    }
}

#[tokio::test]
async fn members_with_many_series_of_a_metric_lose_none() {
    let telemetry = start(endpoint("127.0.0.1"));
    let fleet = telemetry.fleet::<Truck>().expect("the first");
    let truck = fleet.member(vin("A"));
    let wheels = (0..300).map(|n| Wheel {
        pressure: f64::from(n),
    });
    telemetry
        .report(vec![truck.report(Truck {
            wheels: wheels.collect(),
        })])
        .await;
    let text = scrape(&telemetry).await;
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("wheel_"))
        .collect();
    lines.sort_unstable();
    let mut expected: Vec<_> = (0..300)
        .map(|n| format!("wheel_pressure{{vin=\"A\",wheel=\"{n}\"}} {n}"))
        .collect();
    expected.sort();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn own_metrics_have_the_names_that_prometheus_wants() {
    let telemetry = start(endpoint("127.0.0.1"));
    work(telemetry.own());
    let text = scrape(&telemetry).await;
    for line in [
        "# TYPE observer_cycles_total counter",
        "observer_cycles_total{outcome=\"ok\"} 2",
        "observer_fields_unread_total{reason=\"unknown_field\"} 2",
        "observer_vehicles{availability=\"online\"} 3",
        "observer_cycle_duration_seconds_count{outcome=\"ok\"} 2",
        "observer_cycle_duration_seconds_sum{outcome=\"ok\"} 0.75",
    ] {
        assert!(
            text.lines().any(|own| own == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(text.contains("observer_token_age_seconds "));
    assert!(text.contains("target_info{service_name=\"test\""));
    if let Ok(path) = std::env::var("TELEMETRY_TEST_SCRAPE") {
        // For `promtool check metrics`, by hand.
        let fleet = telemetry.fleet::<Car>().expect("the first");
        let car = fleet.member(vin("A"));
        let report = car.report(Car {
            battery_level: Some(72),
            charge_rate: Some(31.7),
            charging_state: Some(Charging::Disconnected),
            charge_energy: Some(3.0),
        });
        telemetry.report(vec![report]).await;
        std::fs::write(path, scrape(&telemetry).await).expect("a writable file");
    }
}

#[tokio::test]
async fn localhost_is_all_its_addresses_and_the_root_says_where_the_metrics_are() {
    let telemetry = start(endpoint("localhost"));
    let addresses = telemetry.prometheus_addresses().to_vec();
    assert!(!addresses.is_empty());
    for address in &addresses {
        assert!(address.ip().is_loopback());
        assert_eq!(address.port(), addresses[0].port());
    }
    let (_, text) = get(&telemetry, "/").await;
    assert!(text.contains("href=\"/metrics\""), "{text}");
    telemetry.shutdown(PATIENCE).await.expect("nothing to lose");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_at_start() {
    let first = start(endpoint("127.0.0.1"));
    let port = first.prometheus_addresses()[0].port();
    let mut settings = endpoint("127.0.0.1");
    settings.prometheus = Some(Prometheus {
        host: "127.0.0.1".to_owned(),
        port,
    });
    let errors = Telemetry::start(settings).expect_err("it is taken");
    let text = errors[0].to_string();
    assert!(
        text.starts_with(&format!("prometheus: listening on 127.0.0.1:{port}: ")),
        "{text}"
    );
    assert!(
        text.ends_with("; choose another port, or end what uses this one"),
        "{text}"
    );
}
