//! The alerts: each is fired by an incident, and by no other. The incident happens to simulated cars, or to
//! what is around the observer; what the observer then exports, and did before, is given to Prometheus' own
//! tool with the committed rules, for as long as it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metric_tests::account;
use metric_tests::observer::Observer;
use metric_tests::process::eventually;
use metric_tests::servers::installed;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};
use tokio::runtime::Runtime;

/// What a scrape has: the value of each series.
type Scrape = BTreeMap<String, String>;

/// The metric by which a scrape is told to be whole.
const COMPLETE: &str = "process_uptime_seconds";

/// A simulated Tesla of one car that charges, at home.
struct Stage {
    runtime: Runtime,
    simulator: Simulator,
}

impl Stage {
    fn new(settings: Settings) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let settings = Settings {
            vehicles: 2,
            speed: 0.0,
            ..settings
        };
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .expect("a free port");
        Stage { runtime, simulator }
    }

    fn observer(&self) -> Observer {
        let token = self.simulator.issue_tokens().access_token;
        Observer::of(self.simulator.url().as_str(), token.expose_secret())
    }

    /// What the observer exports while this goes wrong.
    fn scrape(&self, observer: &Observer, rules: Vec<Rule>, has: &[&str]) -> Scrape {
        self.simulator.set_faults(Faults { rules });
        scrape(observer, has)
    }

    fn end(self) {
        self.runtime.block_on(self.simulator.shutdown());
    }
}

fn rule(route: Route, fault: Fault) -> Rule {
    Rule {
        route: Some(route),
        vehicle: None,
        fault,
        when: When::Always,
    }
}

/// A car that reports this.
fn reports(fields: Value) -> Rule {
    rule(Route::VehicleData, Fault::Reports { fields })
}

/// What a new observer exports, once it has a line with all of this.
fn scrape(observer: &Observer, has: &[&str]) -> Scrape {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port on loopback")
        .port();
    let mut running = observer
        .clone()
        .with("OTEL_METRICS_EXPORTER", "prometheus,otlp")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port)
        .with("SCRAPE_INTERVAL_SEC", "0.2")
        // Nobody is there.
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .start();
    let url = format!("http://127.0.0.1:{port}/metrics");
    let text = eventually(&format!("a scrape with {has:?}"), || {
        assert!(running.is_running(), "{}", running.log());
        let text = reqwest::blocking::get(&url).ok()?.text().ok()?;
        let complete = |line: &str| has.iter().all(|part| line.contains(part));
        (text.lines().any(complete) && text.contains(COMPLETE)).then_some(text)
    });
    drop(running);
    let series = text.lines().filter(|line| !line.starts_with('#'));
    series
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(series, value)| (series.to_owned(), value.to_owned()))
        .collect()
}

/// For how long it was well, in minutes, before the incident.
const WELL: usize = 60;
const LATER: usize = 40;

const ALERTS: [&str; 5] = [
    "TyrePressureLow",
    "ChargeInterrupted",
    "UnlockedForLong",
    "TokenExpires",
    "BackendLagging",
];

/// What promtool says of the rules if nothing is expected to fire: before, and of these alerts after. Nothing if that
/// is so.
fn fired(before: &Scrape, after: &Scrape, checks: &[(String, &str)]) -> Option<String> {
    let promtool = installed("promtool")?;
    let series: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value =
        |scrape: &Scrape, series: &str| scrape.get(series).cloned().unwrap_or("_".to_owned());
    let input: Vec<Value> = series
        .into_iter()
        // Buckets tell no alert anything.
        .filter(|series| !series.contains("le=\""))
        .map(|series| {
            let (before, after) = (value(before, series), value(after, series));
            json!({ "series": series, "values": format!("{before}x{WELL} {after}x{LATER}") })
        })
        .collect();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/rules/prometheus.yml");
    let rules = rules.canonicalize().expect("the committed rules");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("test.yml");
    let checks = checks
        .iter()
        .map(|(time, alert)| json!({ "eval_time": time, "alertname": alert, "exp_alerts": [] }));
    let test = json!({
        "rule_files": [rules],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": input,
            "alert_rule_test": checks.collect::<Vec<_>>(),
        }],
    });
    std::fs::write(&file, test.to_string()).expect("it can be written");
    let output = Command::new(&promtool)
        .args(["test", "rules"])
        .arg(&file)
        .output()
        .expect("promtool starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Some(if output.status.success() {
        String::new()
    } else {
        said
    })
}

/// While all is well, and after it for as long as the incident lasts.
fn times() -> [String; 2] {
    [format!("{WELL}m"), format!("{}m", WELL + LATER - 1)]
}

/// That nothing fires before or after.
fn assert_quiet(before: &Scrape, after: &Scrape) {
    let checks: Vec<(String, &str)> = times()
        .into_iter()
        .flat_map(|time| ALERTS.map(|alert| (time.clone(), alert)))
        .collect();
    let said = fired(before, after, &checks).unwrap_or_default();
    assert!(said.is_empty(), "{said}");
}

/// That this alert fires after the incident, with what it says, and no other; and before it none.
fn assert_fires(before: &Scrape, after: &Scrape, alert: &str, summaries: &[&str]) {
    assert!(ALERTS.contains(&alert));
    let [well, end] = times();
    let mut others = ALERTS.map(|alert| (well.clone(), alert)).to_vec();
    others.extend(
        ALERTS
            .iter()
            .filter(|other| **other != alert)
            .map(|other| (end.clone(), *other)),
    );
    let Some(said) = fired(before, after, &others) else {
        return;
    };
    assert!(said.is_empty(), "{said}");
    // promtool says what fires if it is told that nothing does.
    let said = fired(before, after, &[(end, alert)]).unwrap_or_default();
    for summary in summaries {
        assert!(said.contains(summary), "{summary}: {said}");
    }
    assert_eq!(said.matches("summary=").count(), summaries.len(), "{said}");
}

#[test]
fn a_tyre_that_loses_pressure_is_told_with_the_wheel() {
    let stage = Stage::new(Settings::default());
    let observer = stage.observer();
    let fine = json!({"vehicle_state": {
        "tpms_soft_warning_fl": false, "tpms_soft_warning_fr": false,
        "tpms_soft_warning_rl": false, "tpms_soft_warning_rr": false,
    }});
    let mut low = fine.clone();
    low["vehicle_state"]["tpms_soft_warning_rr"] = true.into();
    low["vehicle_state"]["tpms_pressure_rr"] = 1.9.into();
    let vin = stage.simulator.vins().remove(0);
    let has = ["vehiclestate_tpms_soft_warning_rr", vin.as_str()];
    let before = stage.scrape(&observer, vec![reports(fine)], &has);
    let mut leaking = reports(low);
    leaking.vehicle = stage.simulator.vins().into_iter().next();
    let after = stage.scrape(&observer, vec![leaking], &has);
    assert_fires(
        &before,
        &after,
        "TyrePressureLow",
        &["Polaris: the rear right tyre has too little pressure"],
    );
    stage.end();
}

#[test]
fn a_charge_that_stops_below_its_limit_is_told() {
    let stage = Stage::new(Settings::default());
    let observer = stage.observer();
    let state = |state: &str, level: u8| {
        let mut charging = reports(json!({"charge_state": {
            "charging_state": state, "battery_level": level, "charge_limit_soc": 80,
        }}));
        charging.vehicle = stage.simulator.vins().into_iter().nth(1);
        vec![charging]
    };
    let vin = stage.simulator.vins().remove(1);
    let has = ["chargestate_charging_state{", vin.as_str()];
    let before = stage.scrape(&observer, state("Charging", 61), &has);
    let after = stage.scrape(&observer, state("Stopped", 61), &has);
    assert_fires(
        &before,
        &after,
        "ChargeInterrupted",
        &["has stopped charging at 61 %, below its limit"],
    );
    // At its limit it has done what it should; and what was not charging was not interrupted.
    let full = stage.scrape(&observer, state("Stopped", 80), &has);
    assert_quiet(&before, &full);
    assert_quiet(&after, &after);
    stage.end();
}

#[test]
fn a_car_that_is_left_unlocked_is_told() {
    let stage = Stage::new(Settings::default());
    let observer = stage.observer();
    let locked = |locked: bool, present: bool| {
        let mut state = reports(json!({"vehicle_state": {
            "locked": locked, "is_user_present": present,
        }}));
        state.vehicle = stage.simulator.vins().into_iter().nth(1);
        let fine = reports(json!({"vehicle_state": { "locked": true, "is_user_present": false }}));
        vec![state, fine]
    };
    let vin = stage.simulator.vins().remove(1);
    let has = ["vehiclestate_locked", vin.as_str()];
    // As long as somebody is in it, it may be unlocked.
    let before = stage.scrape(&observer, locked(false, true), &has);
    let after = stage.scrape(&observer, locked(false, false), &has);
    assert_fires(
        &before,
        &after,
        "UnlockedForLong",
        &["is unlocked, and nobody is in it"],
    );
    stage.end();
}

#[test]
fn a_token_that_is_not_renewed_is_told_before_it_ends() {
    let hours = |hours: u64| Settings {
        access_token_life: Duration::from_secs(hours * 3_600),
        ..Settings::default()
    };
    let scraped = |settings: Settings, ends_in: u64| {
        let stage = Stage::new(settings);
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let tokens = stage.simulator.issue_tokens();
        let host = stage.simulator.url();
        let observer = account::imported(
            host.as_str(),
            &tokens,
            folder.path(),
            now.as_secs() + ends_in,
        );
        let down = vec![rule(Route::Token, Fault::ServiceUnavailable)];
        let scrape = stage.scrape(&observer, down, &["observer_token_expires_in_seconds"]);
        stage.end();
        scrape
    };
    let before = scraped(hours(8), 8 * 3_600);
    let after = scraped(hours(1), 1_700);
    assert_fires(
        &before,
        &after,
        "TokenExpires",
        &["The token of the account ends in 2"],
    );
}

#[test]
fn a_backend_that_takes_nothing_is_told() {
    let stage = Stage::new(Settings::default());
    let folder = tempfile::tempdir().expect("a folder");
    let observer = stage.observer().with(
        "TESLA_OBSERVER_SPOOL_DIR",
        folder.path().join("spool").display(),
    );
    let has = ["observer_export_waiting_age_seconds"];
    let before = stage.scrape(&observer, Vec::new(), &has);
    let Some(faketime) = installed("libfaketime.so.1") else {
        return;
    };
    // What has waited since a quarter of an hour ago.
    let (_, log) = observer
        .clone()
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .with("LD_PRELOAD", faketime.display())
        .with("FAKETIME", "-15m")
        .once();
    assert!(log.contains("127.0.0.1:9"), "{log}");
    let after = stage.scrape(&observer, Vec::new(), &has);
    assert_fires(&before, &after, "BackendLagging", &["is 15m"]);
    stage.end();
}
