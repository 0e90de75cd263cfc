//! `tesla-observer doctor`: what is well is said to be; of what is not, what is wrong and what mends it.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use metric_tests::account;
use metric_tests::observer::Observer;
use metric_tests::process::eventually;
use metric_tests::servers::{VictoriaMetrics, installed};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};
use tokio::runtime::Runtime;

/// What is said of each check: the verdict, what was found, the remedy.
type Findings = BTreeMap<String, (String, String, String)>;

/// An account of the simulated Tesla that has logged in, on a machine of its own.
struct Home {
    runtime: Runtime,
    simulator: Simulator,
    _folder: TempDir,
    observer: Observer,
}

impl Home {
    /// Whose access token ends in so many seconds.
    fn new(ends_in: i64) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let settings = Settings {
            speed: 0.0,
            ..Settings::default()
        };
        let simulator = runtime
            .block_on(Simulator::start(settings))
            .expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let tokens = simulator.issue_tokens();
        let host = simulator.url();
        let ends_at = now.as_secs().saturating_add_signed(ends_in);
        let observer = account::imported(host.as_str(), &tokens, folder.path(), ends_at)
            .with("TESLA_OBSERVER_PAGE", "127.0.0.1:0");
        Home {
            runtime,
            simulator,
            _folder: folder,
            observer,
        }
    }

    fn end(self) {
        self.runtime.block_on(self.simulator.shutdown());
    }
}

/// What the doctor says, and whether it ends as scripts expect it to.
fn examined(observer: &Observer, more: &[&str]) -> Findings {
    let arguments: Vec<&str> = ["doctor", "--format", "json"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    let (status, text) = observer.printed(&arguments);
    let findings: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or("").to_owned();
    let findings: Findings = findings
        .iter()
        .map(|finding| {
            let told = (
                text(finding, "verdict"),
                text(finding, "says"),
                text(finding, "remedy"),
            );
            (text(finding, "check"), told)
        })
        .collect();
    let failed = findings.values().any(|(verdict, ..)| verdict == "failed");
    assert_eq!(status.code(), Some(i32::from(failed)), "{findings:#?}");
    for (verdict, _, remedy) in findings.values() {
        let is_wrong = matches!(verdict.as_str(), "failed" | "warning");
        assert_eq!(is_wrong, !remedy.is_empty(), "{findings:#?}");
    }
    findings
}

#[track_caller]
fn assert_is(findings: &Findings, check: &str, verdict: &str, says: &str, remedy: &str) {
    let found = findings.get(check);
    let found = found.unwrap_or_else(|| panic!("no check {check} in {findings:#?}"));
    assert_eq!(found.0, verdict, "{check}: {found:?}");
    assert!(found.1.contains(says), "{check}: {found:?}");
    assert!(found.2.contains(remedy), "{check}: {found:?}");
}

#[test]
fn what_is_well_is_said_to_be_and_the_dashboards_that_fit_are_named() {
    let Some(server) = VictoriaMetrics::start() else {
        return;
    };
    let home = Home::new(20_000);
    let observer = home
        .observer
        .clone()
        .with("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", server.otlp())
        // What is asked of this machine does not go through it.
        .with("HTTP_PROXY", "http://127.0.0.1:9");
    let source = ["--datasource", server.url()];
    let before = examined(&observer, &source);
    assert_is(
        &before,
        "data source",
        "failed",
        "has no metrics of the observer",
        "sends to",
    );
    observer.once_well();
    let findings = eventually("the metrics", || {
        let findings = examined(&observer, &source);
        (findings["data source"].0 == "ok").then_some(findings)
    });
    for (check, says) in [
        ("account", "driver@example.com, Owner API"),
        ("token", "and is renewed before"),
        ("region", "one host serves all but China"),
        ("tesla", "answers; vehicles: 3"),
        ("clock", "agrees with 127.0.0.1"),
        ("permissions", "is yours alone"),
        ("destination otlp (metrics)", "takes requests"),
        ("data source", "deploy/rules/victoriametrics.yml"),
    ] {
        assert_is(&findings, check, "ok", says, "");
    }
    assert!(
        findings.values().all(|(verdict, ..)| verdict != "failed"),
        "{findings:#?}"
    );
    home.end();
}

#[test]
fn an_account_that_cannot_be_asked_is_told_with_the_command_that_mends_it() {
    let home = Home::new(-100);
    home.simulator.set_faults(Faults {
        rules: vec![Rule {
            route: Some(Route::Token),
            vehicle: None,
            fault: Fault::LoginRequired,
            when: When::Always,
        }],
    });
    let findings = examined(&home.observer, &[]);
    assert_is(&findings, "tesla", "failed", "", "tesla-observer login");
    let offline = examined(&home.observer, &["--offline"]);
    assert_is(&offline, "account", "ok", "driver@example.com", "");
    assert_is(&offline, "network", "skipped", "--offline", "");
    assert!(!offline.contains_key("tesla"));

    let nobody = Observer::of_account(home.simulator.url().as_str());
    let findings = examined(&nobody, &[]);
    assert_is(
        &findings,
        "account",
        "failed",
        "no account has logged in",
        "tesla-observer login",
    );
    home.end();
}

#[test]
fn of_several_accounts_the_setting_that_chooses_one_is_named() {
    let home = Home::new(20_000);
    let tokens = home.simulator.issue_tokens();
    let folder = tempfile::tempdir().expect("a folder");
    let host = home.simulator.url();
    let one = account::imported(host.as_str(), &tokens, folder.path(), 4_000_000_000);
    let cache = std::fs::read_to_string(folder.path().join("cache.json")).expect("it is there");
    let other = folder.path().join("other.json");
    std::fs::write(&other, cache.replace("driver@", "other@")).expect("it can be written");
    let (status, log) = one
        .command(&["import", other.to_str().expect("UTF-8")])
        .ended();
    assert!(status.success(), "{log}");
    let findings = examined(&one, &["--offline"]);
    assert_is(
        &findings,
        "account",
        "failed",
        "driver@example.com, other@example.com",
        "set TESLA_USER_EMAIL",
    );
    home.end();
}

#[test]
fn a_network_that_is_not_there_spoils_only_what_needs_it() {
    let home = Home::new(20_000);
    let observer = home
        .observer
        .clone()
        .with("TESLA_API_HOST", "http://127.0.0.1:9")
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", 9);
    let findings = examined(&observer, &["--datasource", "http://127.0.0.1:9"]);
    assert_is(
        &findings,
        "tesla",
        "failed",
        "no connection",
        "check this machine's network",
    );
    assert_is(
        &findings,
        "destination greptimedb (metrics)",
        "failed",
        "http://127.0.0.1:9/v1/otlp/v1/metrics: Connection refused",
        "check that it is running",
    );
    assert_is(
        &findings,
        "data source",
        "failed",
        "cannot be reached",
        "/v1/prometheus for GreptimeDB",
    );
    for well in ["account", "token", "permissions", "directory of history"] {
        assert_is(&findings, well, "ok", "", "");
    }
    home.end();
}

#[test]
fn a_wrong_data_source_and_a_wrong_destination_are_told_with_what_is_right() {
    let Some(server) = VictoriaMetrics::start() else {
        return;
    };
    let home = Home::new(20_000);
    // VictoriaMetrics is no GreptimeDB.
    let observer = home
        .observer
        .clone()
        .with("GREPTIME_HOST", "127.0.0.1")
        .with("GREPTIME_PORT", server.port());
    let wrong = format!("{}/v1/prometheus", server.url());
    let findings = examined(&observer, &["--datasource", &wrong]);
    assert_is(
        &findings,
        "data source",
        "failed",
        "that is no Prometheus API",
        "http://HOST:8428",
    );
    assert_is(
        &findings,
        "destination greptimedb (metrics)",
        "failed",
        "400",
        "check that its endpoint",
    );
    for no_url in ["localhost:4000", "ftp://localhost", "nonsense"] {
        let findings = examined(&observer, &["--offline", "--datasource", no_url]);
        assert!(
            !findings.contains_key("data source"),
            "it needs the network"
        );
        let findings = examined(&home.observer, &["--datasource", no_url]);
        assert_is(
            &findings,
            "data source",
            "failed",
            no_url,
            "http://HOST:9090",
        );
    }
    home.end();
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    let Some(faketime) = installed("libfaketime.so.1") else {
        return;
    };
    let home = Home::new(20_000);
    let token = home.simulator.issue_tokens().access_token;
    let observer = Observer::of(home.simulator.url().as_str(), token.expose_secret())
        .with("LD_PRELOAD", faketime.display())
        .with("FAKETIME", "+2h");
    let findings = examined(&observer, &[]);
    assert_is(
        &findings,
        "clock",
        "failed",
        "is 2 h 0 min ahead",
        "timedatectl set-ntp true",
    );
    home.end();
}

#[cfg(unix)]
#[test]
fn a_token_directory_that_others_can_exchange_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new(20_000);
    let above = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(above.path().join("state/accounts")).expect("it can be made");
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(above.path(), open).expect("it is ours");
    let state = above.path().join("state");
    let observer = home
        .observer
        .clone()
        .with("TESLA_OBSERVER_STATE_DIR", state.display());
    let findings = examined(&observer, &["--offline"]);
    assert_is(&findings, "permissions", "failed", "", "chown -R");
    home.end();
}

#[test]
fn settings_that_cannot_be_read_are_told_and_secrets_never() {
    let observer = Observer::of("http://127.0.0.1:9", "a-secret-token")
        .with("SCRAPE_INTERVAL_SEC", "soon")
        .with("TESLA_BUDGET", "much");
    let findings = examined(&observer, &[]);
    assert_is(
        &findings,
        "setting SCRAPE_INTERVAL_SEC",
        "failed",
        "soon",
        "--help",
    );
    assert_is(
        &findings,
        "setting TESLA_BUDGET",
        "failed",
        "much",
        "--help",
    );
    let well = Observer::of("http://127.0.0.1:9", "a-secret-token");
    let (_, text) = well.printed(&["doctor"]);
    assert!(text.contains("FAILED   tesla"), "{text}");
    assert!(!text.contains("a-secret-token"), "{text}");
}
