//! How it ends.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};

use crate::program::{Home, Result};
use crate::receiver::{Receiver, Silence};

/// It ends within five seconds; the rest is for a machine that is busy.
const SOON: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_sends_what_is_collected_and_ends_it_well() -> Result {
    for signal in ["INT", "TERM"] {
        let receiver = Receiver::start(StatusCode::OK).await?;
        let home = Home::new()?.with("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url());
        let running = home.start("--demo --display lines --interval 3600")?;
        running.until("line of each car", |out, _| {
            (out.matches(" battery ").count() >= 4).then_some(())
        });
        let signalled = Instant::now();
        running.signal(signal)?;
        let ended = running.wait()?;
        assert_eq!(ended.code(), Some(0), "{signal}: {ended:?}");
        assert!(signalled.elapsed() < SOON, "{signal}");
        let metrics = receiver.metrics()?;
        // A car's metrics are sent when they are fresh; its own at the end, long before the interval.
        for name in ["chargestate_battery_level", "observer.cycles"] {
            assert!(
                metrics.iter().any(|metric| metric == name),
                "{name} in {metrics:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn it_ends_well_as_soon_as_it_has_begun_with_anything() -> Result {
    for _ in 0..10 {
        let home = Home::new()?;
        let running = home.start("--demo --display lines --log info")?;
        // The history is opened long before the first car is asked.
        let history = home.path(".local/share/tesla-observer/simulated.sqlite");
        running.when("its history", || history.exists());
        running.signal("TERM")?;
        let ended = running.wait()?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(ended.error.contains("ending: sending"), "{ended:?}");
    }
    Ok(())
}

#[test]
fn a_backend_that_hangs_does_not_hold_it_up_and_what_is_lost_or_waits_is_said() -> Result {
    for (spool, what) in [
        ("", "wait on disk and are sent at the next start"),
        ("--spool-dir none", "lost are "),
    ] {
        let silence = Silence::start()?;
        let home = Home::new()?.with("OTEL_EXPORTER_OTLP_ENDPOINT", silence.url()?);
        let running = home.start(&format!("--demo --display lines --interval 0.2 {spool}"))?;
        running.until("observing that goes on", |out, _| {
            (out.matches(" battery ").count() >= 12).then_some(())
        });
        let signalled = Instant::now();
        running.signal("TERM")?;
        let ended = running.wait()?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(signalled.elapsed() < SOON, "{:?}", signalled.elapsed());
        for said in ["requests with metrics for otlp", what] {
            assert!(ended.error.contains(said), "{said} in {ended:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_said_by_the_exit_code_and_sent_at_the_next_start() -> Result {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let home = Home::new()?;
    let to =
        |url: String| format!("--once --demo --vehicles 1 --spool-dir here --otlp-endpoint {url}");
    let ended = home.run(&to(format!("http://{nobody}")))?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("sent at the next start"), "{ended:?}");
    let receiver = Receiver::start(StatusCode::OK).await?;
    let ended = home.run(&to(receiver.url()))?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let said = "have waited on disk and are sent now";
    assert!(ended.error.contains(said), "{ended:?}");
    let metrics = receiver.metrics()?;
    let level = |own: &&String| *own == "chargestate_battery_level";
    assert_eq!(metrics.iter().filter(level).count(), 2, "{metrics:?}");
    Ok(())
}

#[test]
fn a_second_signal_ends_it_at_once() -> Result {
    let silence = Silence::start()?;
    let home = Home::new()?.with("OTEL_EXPORTER_OTLP_ENDPOINT", silence.url()?);
    let running = home.start("--demo --display lines")?;
    running.says(" battery ");
    running.signal("INT")?;
    running.logs("ending");
    // Two within a moment are one.
    std::thread::sleep(Duration::from_millis(300));
    let signalled = Instant::now();
    running.signal("INT")?;
    let ended = running.wait()?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("second signal"), "{ended:?}");
    assert!(signalled.elapsed() < Duration::from_secs(2), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_hangs_does_not_hold_it_up() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    for route in [Route::Products, Route::VehicleData] {
        simulator.set_faults(Faults {
            rules: vec![Rule {
                route: Some(route),
                vehicle: None,
                fault: Fault::Hang,
                when: When::Always,
            }],
        });
        let asked = simulator.requests().of(route);
        let running = home.start("--display lines")?;
        running.says("The cars of");
        while simulator.requests().of(route) == asked {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let signalled = Instant::now();
        running.signal("TERM")?;
        let ended = running.wait()?;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(signalled.elapsed() < SOON, "{ended:?}");
    }
    Ok(())
}

#[test]
fn the_simulator_says_how_it_is_used_and_ends_when_told() -> Result {
    let simulator = Home::new()?.start("simulate --vehicles 2")?;
    simulator.says("Ctrl-C ends it.");
    let url = simulator.until("address", |out, _| {
        let rest = out.split_once("TESLA_API_HOST=")?.1;
        rest.split_whitespace().next().map(str::to_owned)
    });
    // What it says is what another terminal needs.
    let home = Home::new()?
        .with("TESLA_API_HOST", &url)
        .with("TESLA_AUTH_HOST", &url)
        .with("TOKEN", "no-token-of-its-own");
    let ended = home.run("vehicles")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(ended.error.contains("TOKEN"), "{ended:?}");
    assert!(!ended.all().contains("no-token-of-its-own"), "{ended:?}");
    simulator.signal("TERM")?;
    let ended = simulator.wait()?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    Ok(())
}
