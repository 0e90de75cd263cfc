//! What cannot work is said, with what to do; what can go on goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use axum::http::StatusCode;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};

use crate::program::{Home, Result};
use crate::receiver::{Receiver, Silence};

fn fault(route: Option<Route>, fault: Fault) -> Faults {
    Faults {
        rules: vec![Rule {
            route,
            vehicle: None,
            fault,
            when: When::Always,
        }],
    }
}

#[test]
fn all_errors_of_the_configuration_come_at_once() -> Result {
    let home = Home::new()?
        .with("SCRAPE_INTERVAL_SEC", "soon")
        .with("IS_MOCK", "perhaps")
        .with("GREPTIME_PORT", "4000")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")
        .with("RUST_LOG", "a=b=c");
    let ended = home.run("--speed fast")?;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    for at in [
        "SCRAPE_INTERVAL_SEC",
        "IS_MOCK",
        "GREPTIME_HOST",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "RUST_LOG",
        "--speed",
    ] {
        assert!(ended.error.contains(at), "{at} in {ended:?}");
    }
    let ended = home.run("--intervall 5")?;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    assert!(ended.error.contains("--interval"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_accounts_need_a_choice() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    home.log_in(&simulator, "login --no-browser --user ju@example.com")
        .await?;
    let ended = home.run("vehicles")?;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    for told in ["TESLA_USER_EMAIL", "driver@example.com", "ju@example.com"] {
        assert!(ended.error.contains(told), "{told} in {ended:?}");
    }
    assert_eq!(home.run("vehicles --user JU@example.com")?.code(), Some(0));
    let ended = home.run("vehicles --user mo@example.com")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(
        ended.error.contains("login --user mo@example.com"),
        "{ended:?}"
    );
    Ok(())
}

#[test]
fn a_state_directory_that_cannot_be_written_is_said_before_the_login() -> Result {
    let home = Home::new()?;
    // In the way of a directory, whoever runs the test.
    fs::write(home.path("a-file"), "")?;
    let ended = home.run("login --no-browser --state-dir a-file")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    for told in ["a-file", "choose another state directory"] {
        assert!(ended.error.contains(told), "{told} in {ended:?}");
    }
    assert!(!ended.out.contains("E-mail"), "{ended:?}");
    let closed = home.path("closed");
    fs::create_dir(&closed)?;
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500))?;
    if fs::write(closed.join("probe"), "").is_err() {
        let ended = home.run("login --no-browser --state-dir closed")?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_owner_can_mend_ends_it_with_what_to_do() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    let refused = vec![
        Rule {
            route: Some(Route::Products),
            vehicle: None,
            fault: Fault::TokenExpired,
            when: When::Always,
        },
        Rule {
            route: Some(Route::Token),
            vehicle: None,
            fault: Fault::LoginRequired,
            when: When::Always,
        },
    ];
    let region = Fault::WrongRegion {
        base_url: "https://fleet-api.prd.eu.vn.cloud.tesla.com".to_owned(),
    };
    for (faults, explained) in [
        (Faults { rules: refused }, "tesla-observer login"),
        (fault(Some(Route::Products), region), "region"),
    ] {
        simulator.set_faults(faults);
        let ended = home.run("--display lines")?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        assert!(ended.error.contains(explained), "{ended:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_said_and_it_goes_on() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    for (happens, explained) in [
        (Fault::Html, "HTML"),
        (Fault::CutOff, "vehicle_data"),
        (Fault::ServiceUnavailable, "503"),
    ] {
        simulator.set_faults(fault(Some(Route::VehicleData), happens.clone()));
        let mut running = home.start("--display lines --interval 0.2")?;
        running.until("a failure that is explained", |out, error| {
            (out.contains("failed") && error.contains(explained)).then_some(())
        });
        assert!(running.is_running()?, "{happens:?}");
    }
    // Five megabytes of something else are read, and found to have nothing in them.
    simulator.set_faults(fault(Some(Route::VehicleData), Fault::Huge));
    let mut running = home.start("--display lines --interval 0.2")?;
    running.logs("padding");
    assert!(running.is_running()?);
    // A question without an answer ends by its timeout.
    simulator.set_faults(fault(Some(Route::VehicleData), Fault::Hang));
    let running = home.start("--display lines --interval 0.2 --timeout 0.3")?;
    running.logs("no whole answer within");

    // From the first question on, with a service that comes back.
    simulator.set_faults(fault(Some(Route::Products), Fault::Html));
    let running = home.start("--display lines --interval 0.2")?;
    running.logs("trying again in");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_is_asked_again() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    simulator.shutdown().await;
    let mut running = home.start("--display lines --interval 0.2")?;
    running.logs("trying again in");
    assert!(running.is_running()?);
    let ended = home.run("vehicles")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    Ok(())
}

#[test]
fn a_port_that_is_taken_is_said() -> Result {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port();
    let home = Home::new()?
        .with("OTEL_METRICS_EXPORTER", "prometheus")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port);
    let ended = home.run("--demo")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    for told in ["prometheus", &port.to_string()] {
        assert!(ended.error.contains(told), "{told} in {ended:?}");
    }
    let ended = Home::new()?.run(&format!("simulate --listen 127.0.0.1:{port}"))?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("--listen"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_fails_is_said_once_and_observing_goes_on() -> Result {
    let refusing = Receiver::start(StatusCode::UNAUTHORIZED).await?;
    let failing = Receiver::start(StatusCode::SERVICE_UNAVAILABLE).await?;
    let nobody = {
        let place = std::net::TcpListener::bind("127.0.0.1:0")?;
        format!("http://{}", place.local_addr()?)
    };
    let silence = Silence::start()?;
    for (url, explained, timeout) in [
        (refusing.url(), "401", 10_000),
        (failing.url(), "503", 10_000),
        (nobody, "refused", 10_000),
        (silence.url()?, "time", 200),
    ] {
        let home = Home::new()?
            .with(
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
                format!("{url}/v1/metrics"),
            )
            .with("OTEL_EXPORTER_OTLP_TIMEOUT", timeout);
        let running = home.start("--demo --display lines --interval 0.1 --vehicles 1")?;
        let line = running.until("observing that goes on and a message", |out, error| {
            let line = error
                .lines()
                .find(|line| line.contains("sending metrics to otlp"))?;
            (out.matches(" battery ").count() > 20).then(|| line.to_owned())
        });
        assert!(line.contains(explained), "{explained} in {line}");
        running.signal("TERM")?;
        let ended = running.wait()?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert_eq!(
            ended.error.matches("sending metrics to otlp").count(),
            1,
            "{ended:?}"
        );
    }
    Ok(())
}

#[test]
fn a_car_that_does_not_exist_is_answered_with_those_that_do() -> Result {
    let home = Home::new()?;
    let ended = home.run("--vehicle NoSuch")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    for told in ["NoSuch", "Polaris"] {
        assert!(ended.error.contains(told), "{told} in {ended:?}");
    }
    let ended = home.run("--once --display lines --vehicle polaris --vehicle NoSuch")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(ended.out.matches(" battery ").count(), 1, "{ended:?}");
    assert!(ended.error.contains("NoSuch"), "{ended:?}");
    Ok(())
}

#[test]
fn what_resembles_a_vin_is_not_repeated_where_vins_are_not_told() -> Result {
    let home = Home::new()?;
    // The letter O for zeros, and one letter less.
    for mistyped in ["5YJSA1H2ZFF9OOOO3", "5YJSA1H2ZFF90003"] {
        for vin in ["hash", "off"] {
            let ended = home.run(&format!("--demo --vin {vin} --vehicle {mistyped}"))?;
            assert_eq!(ended.code(), Some(1), "{ended:?}");
            assert!(ended.error.contains("(a VIN, perhaps"), "{ended:?}");
            assert!(!ended.error.contains("5YJSA1H2"), "{ended:?}");
        }
        let ended = home.run(&format!("--demo --vehicle {mistyped}"))?;
        assert!(ended.error.contains(mistyped), "{ended:?}");
    }
    Ok(())
}
