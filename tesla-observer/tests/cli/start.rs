//! What happens at the start: whose cars, and where their reports go.

use std::process::Stdio;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;
use tesla_observer::simulator::{Settings, Simulator};

use crate::program::{Ended, Home, Result, Running, mode, unread};
use crate::receiver::Receiver;

/// The lines of cars.
fn cars(out: &str) -> Vec<&str> {
    out.lines()
        .filter(|line| line.contains(" battery "))
        .collect()
}

#[test]
fn started_bare_it_shows_simulated_cars_and_says_that_nothing_leaves_the_machine() -> Result {
    let home = Home::new()?;
    let running = home.start("")?;
    let first = running.until("line of each of four cars", |out, _| {
        (cars(out).len() >= 4).then(|| out.to_owned())
    });
    // Some tens of milliseconds; a machine under load takes longer.
    let took = running.started.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    for said in ["SIMULATED CARS", "nothing leaves this machine", "login"] {
        assert!(first.contains(said), "{said} in {first}");
    }
    running.signal("INT")?;
    let ended = running.wait()?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    // Nothing is kept either: nobody logged in.
    assert!(!ended.error.contains("WARN"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_could_read_is_closed_at_the_start_and_that_is_said() -> Result {
    use std::os::unix::fs::PermissionsExt as _;

    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    let accounts = home.accounts();
    let file = accounts.join("driver@example.com.json");
    for (path, open, closed) in [(&accounts, 0o755, 0o700), (&file, 0o644, 0o600)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(open))?;
        let ended = home.run("--once")?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        let said = ended.error.contains("others could read the tokens here");
        assert!(said, "{ended:?}");
        assert_eq!(mode(path)?, closed);
    }
    Ok(())
}

#[test]
fn started_bare_it_needs_no_place_for_tokens() -> Result {
    let home = Home::new()?;
    std::fs::write(home.path("a-file"), "")?;
    let file = home.path("a-file");
    let home = home.with("XDG_STATE_HOME", file.display());
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    for said in ["No account can be kept", "a-file", "SIMULATED CARS"] {
        assert!(ended.out.contains(said), "{said} in {ended:?}");
    }
    // Whoever says where they are means to have some.
    let ended = home.run("--once --state-dir a-file")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    Ok(())
}

#[test]
fn what_only_a_login_needs_is_asked_for_by_the_login_only() -> Result {
    let home = Home::new()?
        .with("IS_MOCK", "true")
        .with("TESLA_API", "fleet");
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let ended = home.run("login --no-browser")?;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(ended.error.contains("TESLA_CLIENT_ID"), "{ended:?}");
    Ok(())
}

#[test]
fn is_mock_true_simulates_and_is_mock_false_does_not() -> Result {
    for (name, value) in [("IS_MOCK", "true"), ("TESLA_OBSERVER_DEMO", "1")] {
        let ended = Home::new()?
            .with(name, value)
            .run("--once --display lines")?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(!cars(&ended.out).is_empty(), "{ended:?}");
    }
    let home = Home::new()?
        .with("IS_MOCK", "false")
        .with("TESLA_USER_EMAIL", "ju@example.com");
    let ended = home.run("--once")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("`tesla-observer login`"), "{ended:?}");
    assert!(!ended.out.contains("SIMULATED"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn simulated_reports_go_to_a_configured_backend_only_with_demo() -> Result {
    let receiver = Receiver::start(StatusCode::OK).await?;
    let run = |arguments: &str| -> Result<Ended> {
        let home = Home::new()?
            .with("IS_MOCK", "true")
            .with("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url());
        let ended = home.run(arguments)?;
        let kept = home.path(".local/state/tesla-observer/spool").exists();
        assert_eq!(kept, arguments.contains("--demo"), "{ended:?}");
        Ok(ended)
    };
    let ended = run("--once")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(cars(&ended.out).len(), 4, "{ended:?}");
    assert!(ended.out.contains("--demo sends them"), "{ended:?}");
    assert_eq!(receiver.count(), 0, "{ended:?}");

    // Nothing is kept from the console.
    let console = Home::new()?
        .with("IS_MOCK", "true")
        .run("--once --metrics-exporter console")?;
    assert_eq!(console.code(), Some(0), "{console:?}");
    assert!(!console.all().contains("--demo sends them"), "{console:?}");
    // Traces alone are kept here, too.
    let home = Home::new()?.with("IS_MOCK", "true");
    let traces = home
        .with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", receiver.url())
        .run("--once")?;
    assert!(traces.out.contains("--demo sends them"), "{traces:?}");
    assert_eq!(receiver.count(), 0, "{traces:?}");

    let ended = run("--once --demo")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.out.contains("metrics go to otlp"), "{ended:?}");
    assert_eq!(cars(&ended.out).len(), 4, "{ended:?}");
    let metrics = receiver.metrics()?;
    for name in [
        "chargestate_battery_level",
        "vehicle_state",
        "observer.cycles",
    ] {
        assert!(
            metrics.iter().any(|metric| metric == name),
            "{name} in {metrics:?}"
        );
    }
    Ok(())
}

#[test]
fn a_destination_without_an_account_is_an_error_that_says_what_to_run() -> Result {
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_METRICS_EXPORTER", "prometheus"),
        ("GREPTIME_HOST", "127.0.0.1"),
        ("TESLA_USER_EMAIL", "ju@example.com"),
    ] {
        let ended = Home::new()?.with(name, value).run("")?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert!(ended.error.contains("`tesla-observer login`"), "{ended:?}");
        assert!(ended.error.lines().count() <= 2, "{ended:?}");
    }
    Ok(())
}

#[test]
fn config_says_what_is_in_effect_and_where_it_comes_from_without_secrets() -> Result {
    let home = Home::new()?
        .with("SCRAPE_INTERVAL_SEC", "60")
        .with("GREPTIME_HOST", "greptime.example")
        .with("GREPTIME_USERNAME", "ju")
        .with("GREPTIME_PASSWORD", "s3cret-password")
        .with("TOKEN", "s3cret-token")
        .with("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "api-key=s3cret-key")
        .with(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://h/in?key=s3cret-query",
        );
    let ended = home.run("config --format json --speed 7")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let list: Vec<Value> = serde_json::from_str(&ended.out)?;
    let setting = |name: &str| {
        let found = list.iter().find(|setting| setting["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{name} in {}", ended.out));
        let text = |key: &str| found[key].as_str().unwrap_or("").to_owned();
        (text("value"), text("source"))
    };
    let said = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(setting("interval"), said("60", "SCRAPE_INTERVAL_SEC"));
    assert_eq!(setting("speed"), said("7", "--speed"));
    assert_eq!(setting("seed"), said("1", "default"));
    assert_eq!(setting("token"), said("(hidden)", "TOKEN"));
    assert_eq!(setting("metrics-exporter"), said("otlp", "default"));
    let state = home.path(".local/state/tesla-observer");
    assert_eq!(
        setting("state-dir"),
        said(&state.display().to_string(), "default")
    );
    let table = home.run("config")?;
    for ended in [ended, table] {
        assert!(!ended.all().contains("s3cret"), "{ended:?}");
        assert!(ended.out.contains("greptime.example"), "{ended:?}");
    }
    Ok(())
}

#[test]
fn metrics_lists_the_same_metrics_in_each_format() -> Result {
    let home = Home::new()?;
    let json = home.run("metrics --format json")?;
    let list: Vec<Value> = serde_json::from_str(&json.out)?;
    let table = home.run("metrics")?;
    let markdown = home.run("metrics --format markdown")?;
    assert!(list.len() > 200, "{}", list.len());
    for metric in &list {
        let name = metric["name"].as_str().ok_or("no name")?;
        assert!(table.out.contains(name), "{name}");
        assert!(markdown.out.contains(&format!("`{name}`")), "{name}");
    }
    Ok(())
}

#[test]
fn help_is_for_strangers_and_fits_eighty_columns() -> Result {
    let home = Home::new()?.with("COLUMNS", "80");
    let mut all = vec![home.run("--help")?];
    for command in [
        "run", "login", "import", "vehicles", "simulate", "config", "metrics",
    ] {
        assert!(all[0].out.contains(&format!("\n  {command} ")), "{command}");
        all.push(home.run(&format!("{command} --help"))?);
    }
    for help in &all {
        assert_eq!(help.code(), Some(0), "{help:?}");
        for line in help.out.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
    let version = home.run("--version")?;
    assert_eq!(
        version.out.trim(),
        concat!("tesla-observer ", env!("CARGO_PKG_VERSION"))
    );
    Ok(())
}

#[test]
fn whoever_stops_reading_ends_it_quietly() -> Result {
    for (arguments, variable) in [
        ("--display lines --interval 0.05", "none"),
        ("--demo --interval 0.05", "console"),
    ] {
        let home = Home::new()?.with("OTEL_METRICS_EXPORTER", variable);
        let (status, error) = unread(home.command(arguments))?;
        assert_eq!(status.code(), Some(0), "{error}");
        assert!(!error.contains("panicked"), "{error}");
    }
    for arguments in ["metrics", "--help", "config"] {
        let (_, error) = unread(Home::new()?.command(arguments))?;
        assert_eq!(error, "", "{arguments}");
    }
    Ok(())
}

#[test]
fn standard_input_does_not_matter() -> Result {
    let home = Home::new()?;
    let mut command = home.command("--once --display lines");
    command.stdin(Stdio::piped());
    let mut running = Running::start(command)?;
    running.hang_up();
    assert_eq!(running.wait()?.code(), Some(0));
    Ok(())
}
