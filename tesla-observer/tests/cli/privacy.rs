//! What is withheld is in nothing that leaves the program: neither in what receivers get, nor on
//! Prometheus' endpoint, nor on the console, nor in the log.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tesla_observer::simulator::{Fault, Faults, Route, Rule, Settings, Simulator, When};

use crate::program::{Home, PATIENCE, Result, mode};
use crate::receiver::Receiver;

/// What is not to be told to everybody.
#[derive(Debug, Default)]
struct Secrets {
    vins: BTreeSet<String>,
    coordinates: Vec<f64>,
    destinations: BTreeSet<String>,
}

/// A simulated Tesla whose time stands still, so that every question has the same answer, while the
/// first car drives and the second one charges. Of the others, one's answers are cut off and one's are
/// errors that tell its VIN.
async fn tesla() -> Result<(Simulator, Secrets)> {
    let simulator = Simulator::start(Settings {
        vehicles: 4,
        speed: 0.0,
        ..Settings::default()
    })
    .await?;
    // It sets out within the hour.
    let mut secrets = secrets(&simulator).await?;
    for _ in 0..60 {
        if secrets.destinations.is_empty() {
            simulator.clock().advance(Duration::from_secs(60));
            secrets = self::secrets(&simulator).await?;
        }
    }
    assert!(!secrets.destinations.is_empty(), "{secrets:?}");
    let vins = simulator.vins();
    let rule = |vehicle: &str, fault| Rule {
        route: Some(Route::Vehicle),
        vehicle: Some(vehicle.to_owned()),
        fault,
        when: When::Always,
    };
    let named = Fault::Status {
        code: 500,
        error: format!("vehicle {} failed", vins[3]),
    };
    simulator.set_faults(Faults {
        rules: vec![rule(&vins[2], Fault::CutOff), rule(&vins[3], named)],
    });
    Ok((simulator, secrets))
}

/// Everything that the simulated Tesla tells of its cars and that can be withheld.
async fn secrets(simulator: &Simulator) -> Result<Secrets> {
    let mut secrets = Secrets::default();
    let token = simulator.issue_tokens().access_token;
    let client = Client::builder().no_proxy().build()?;
    let get = async |path: &str| -> Result<Value> {
        let url = simulator.url().join(path)?;
        let request = client.get(url).bearer_auth(token.expose_secret());
        Ok(request.send().await?.json().await?)
    };
    let cars = get("/api/1/products").await?;
    for car in cars["response"].as_array().ok_or("no cars")? {
        let Some(vin) = car["vin"].as_str() else {
            continue;
        };
        secrets.vins.insert(vin.to_owned());
        let id = car["id_s"].as_str().ok_or("no id")?;
        let data = get(&format!(
            "/api/1/vehicles/{id}/vehicle_data?endpoints=drive_state%3Blocation_data"
        ))
        .await?;
        let drive = &data["response"]["drive_state"];
        for key in [
            "latitude",
            "longitude",
            "native_latitude",
            "native_longitude",
            "active_route_latitude",
            "active_route_longitude",
        ] {
            secrets.coordinates.extend(drive[key].as_f64());
        }
        let destination = drive["active_route_destination"].as_str();
        secrets.destinations.extend(destination.map(str::to_owned));
    }
    assert_eq!(secrets.vins.len(), 4, "{secrets:?}");
    assert!(secrets.coordinates.len() >= 8, "{secrets:?}");
    Ok(secrets)
}

/// All that came out of the program.
struct Out {
    /// By where it came out.
    all: Vec<(&'static str, Vec<u8>)>,
    home: Home,
}

impl Out {
    fn has(&self, what: &[u8]) -> Vec<&'static str> {
        let in_it = |bytes: &[u8]| bytes.windows(what.len()).any(|window| window == what);
        let found = self.all.iter().filter(|(_, bytes)| in_it(bytes));
        found.map(|(place, _)| *place).collect()
    }

    fn text(&self, of: &str) -> String {
        let found = self.all.iter().filter(|(place, _)| *place == of);
        found
            .map(|(_, bytes)| String::from_utf8_lossy(bytes))
            .collect()
    }

    /// Where a coordinate is, as a number or as a text with three decimals or more.
    fn has_coordinate(&self, degrees: f64) -> Vec<&'static str> {
        let text = degrees.to_string();
        let point = text
            .find('.')
            .expect("simulated places are no whole degrees");
        let start = &text[..text.len().min(point + 4)];
        let in_it = |bytes: &[u8]| {
            let mut windows = bytes.windows(start.len()).enumerate();
            windows.any(|(at, window)| window == start.as_bytes() && !goes_on(&bytes[..at]))
        };
        let texts = self.all.iter().filter(|(_, bytes)| in_it(bytes));
        let mut found: Vec<_> = texts.map(|(place, _)| *place).collect();
        found.extend(self.has(&degrees.to_le_bytes()));
        found
    }
}

/// Whether what follows is only a part of a number, as `9.710831` in `19.710831`, or the seconds of a time,
/// as `52.112762` in `00:24:52.112762`: log and console have one for each millisecond in which something
/// happens.
fn goes_on(before: &[u8]) -> bool {
    match before {
        [.., last] if last.is_ascii_digit() => true,
        [.., b':', tens, ones, b':'] => tens.is_ascii_digit() && ones.is_ascii_digit(),
        _ => false,
    }
}

/// A VIN that none of the cars has.
const OTHER_VIN: &str = "5YJSA1H2ZFF999999";
/// With the letter O for zeros, and with one letter less.
const MISTYPED: [&str; 2] = ["7SAYGDEE5NFO00001", "LRW3E7FA9MC00002"];

/// Observes with these settings until all cars were seen, with every destination there is.
async fn observed(simulator: &Simulator, secrets: &Secrets, settings: &str) -> Result<Out> {
    let receiver = Receiver::start(StatusCode::OK).await?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let mut wanted: Vec<&str> = secrets.vins.iter().map(String::as_str).collect();
    wanted.extend(["Polaris", OTHER_VIN]);
    wanted.extend(MISTYPED);
    let home = Home::new()?
        .at(simulator)
        .logged_in(simulator)
        .await?
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url())
        .with("OTEL_METRICS_EXPORTER", "otlp,console,prometheus")
        .with("OTEL_TRACES_EXPORTER", "otlp,console")
        .with("OTEL_LOGS_EXPORTER", "otlp,console")
        .with("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
        .with("OTEL_EXPORTER_PROMETHEUS_PORT", port)
        .with("TESLA_OBSERVER_PRIVATE_TEXTS", "true")
        .with("TESLA_VEHICLES", wanted.join(","))
        .with("RUST_LOG", "debug");
    let running = home.start(&format!("--interval 0.2 {settings}"))?;
    let scraped = async {
        loop {
            let url = format!("http://127.0.0.1:{port}/metrics");
            if let Ok(answer) = reqwest::get(url).await {
                let text = answer.text().await?;
                let read = text.lines().filter(|line| {
                    line.starts_with("vehicle_state_online{") && line.ends_with(" 1")
                });
                if read.count() == 2 {
                    return Ok::<_, reqwest::Error>(text);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let scraped = tokio::time::timeout(PATIENCE, scraped).await??;
    // The other two have failed.
    running.until("two failures", |_, log| {
        let failed = log.lines().filter(|line| line.contains("reading "));
        (failed.count() >= 2).then_some(())
    });
    running.signal("INT")?;
    let ended = running.wait()?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let mut all = vec![
        ("prometheus", scraped.into_bytes()),
        ("console", ended.out.into_bytes()),
        ("log", ended.error.into_bytes()),
    ];
    all.extend(receiver.bytes());
    for place in ["/v1/metrics", "/v1/traces", "/v1/logs"] {
        assert!(
            all.iter().any(|(own, _)| *own == place),
            "nothing at {place}"
        );
    }
    Ok(Out { all, home })
}

fn assert_no_vin(out: &Out, secrets: &Secrets) {
    let wanted = [OTHER_VIN].into_iter().chain(MISTYPED);
    for vin in secrets.vins.iter().map(String::as_str).chain(wanted) {
        // Also not in part, as errors have it, nor the maker and model, nor plant and number.
        let (lower, short) = (vin.to_lowercase(), format!("{}…", &vin[..4]));
        for part in [vin, &lower, &short, &vin[..8], &vin[9..]] {
            let found = out.has(part.as_bytes());
            assert!(found.is_empty(), "{part} of {vin} is in {found:?}");
        }
    }
}

fn assert_no_place(out: &Out, secrets: &Secrets) {
    for &degrees in &secrets.coordinates {
        let found = out.has_coordinate(degrees);
        assert!(found.is_empty(), "{degrees} is in {found:?}");
    }
    for destination in &secrets.destinations {
        let found = out.has(destination.as_bytes());
        assert!(found.is_empty(), "{destination} is in {found:?}");
    }
    // The SDK's own log may name an instrument that reports nothing.
    let mut heading = out.has(b"drivestate_heading");
    heading.retain(|place| *place != "log");
    assert!(heading.is_empty(), "the heading is in {heading:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_word_vins_and_places_are_exported_as_they_are() -> Result {
    let (simulator, secrets) = tesla().await?;
    let out = observed(&simulator, &secrets, "").await?;
    // The search that the other tests rely on finds everything, everywhere.
    let places: Vec<_> = secrets
        .coordinates
        .iter()
        .map(|&degrees| out.has_coordinate(degrees))
        .collect();
    let full = |found: &&Vec<&str>| {
        ["prometheus", "console", "/v1/metrics"]
            .iter()
            .all(|place| found.contains(place))
    };
    assert!(places.iter().filter(full).count() >= 6, "{places:?}");
    for vin in &secrets.vins {
        let found = out.has(vin.as_bytes());
        assert!(found.contains(&"log"), "{vin} is in {found:?} only");
        assert!(found.contains(&"/v1/logs"), "{vin} is in {found:?} only");
    }
    for destination in &secrets.destinations {
        assert!(!out.has(destination.as_bytes()).is_empty(), "{destination}");
    }
    assert!(!out.has(b"drivestate_heading").is_empty());
    // A VIN in what a service says is hidden in any case.
    let log = out.text("log");
    assert!(log.contains("vehicle [hidden] failed"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rounded_places_and_hashed_vins_are_all_that_leaves() -> Result {
    let (simulator, secrets) = tesla().await?;
    let out = observed(&simulator, &secrets, "--location rounded --vin hash").await?;
    assert_no_vin(&out, &secrets);
    assert_no_place(&out, &secrets);
    let metrics = out.text("prometheus");
    for name in ["drivestate_latitude{", "drivestate_active_route_latitude{"] {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    // The hashes stay the same, because the key does, which nobody else can read.
    let key = out.home.path(".local/state/tesla-observer/vin-key");
    assert_eq!(mode(&key)?, 0o600);
    let vins = |metrics: &str| -> BTreeSet<String> {
        let pieces = metrics.split(" vin=\"").skip(1);
        let pieces = pieces.chain(metrics.split(",vin=\"").skip(1));
        pieces
            .filter_map(|piece| Some(piece.split_once('"')?.0.to_owned()))
            .collect()
    };
    let hashes = vins(&metrics);
    assert!(hashes.len() >= 2, "{metrics}");
    let again = out
        .home
        .run("--once --location off --vin hash --metrics-exporter console");
    let again = again?.out;
    for hash in &hashes {
        assert_eq!(hash.len(), 16, "{hash}");
        assert!(again.contains(hash), "{hash} in {again}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_does_not_leave_at_all_and_cars_are_still_told_apart() -> Result {
    let (simulator, secrets) = tesla().await?;
    let out = observed(&simulator, &secrets, "--location off --vin off").await?;
    assert_no_vin(&out, &secrets);
    assert_no_place(&out, &secrets);
    let metrics = out.text("prometheus");
    for absent in ["vin=", "latitude", "longitude", "homelink_nearby"] {
        assert!(!metrics.contains(absent), "{absent} in {metrics}");
    }
    let cars: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("vehicle_state_online{"))
        .collect();
    assert!(cars.len() >= 2, "{cars:?}");
    // Nothing is kept that nothing needs.
    assert!(
        !out.home
            .path(".local/state/tesla-observer/vin-key")
            .exists()
    );
    Ok(())
}

#[test]
fn without_a_place_for_the_key_it_does_not_start() -> Result {
    let home = Home::new()?
        .with("TESLA_API_HOST", "http://127.0.0.1:1")
        .with("TOKEN", "a-token");
    std::fs::write(home.path("a-file"), "")?;
    let ended = home.run("--once --vin hash --state-dir a-file/state")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    for said in ["--vin hash", "a-file", "--vin off"] {
        assert!(ended.error.contains(said), "{said} in {ended:?}");
    }
    // Simulated cars need none.
    let ended = home.run("--once --mock --vin hash --state-dir a-file/state")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_exported_log_or_span_says_whose_account_it_is() -> Result {
    let simulator = Simulator::start(Settings {
        speed: 0.0,
        ..Settings::default()
    })
    .await?;
    let receiver = Receiver::start(StatusCode::OK).await?;
    let home = Home::new()?.at(&simulator);
    home.log_in(&simulator, "login --no-browser --user someone@example.com")
        .await?;
    // The token has ended, and cannot be renewed at first: that is said with the account's name.
    let file = home.accounts().join("someone@example.com.json");
    let mut account: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    for time in ["obtained_at", "expires_at"] {
        assert!(account[time].is_number(), "{account}");
        account[time] = 1_600_000_000.into();
    }
    std::fs::write(&file, serde_json::to_vec(&account)?)?;
    simulator.set_faults(Faults {
        rules: vec![Rule {
            route: Some(Route::Token),
            vehicle: None,
            fault: Fault::Status {
                code: 500,
                error: "no luck for Someone@Example.com".to_owned(),
            },
            when: When::Next(1),
        }],
    });
    let home = home
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url())
        .with("TESLA_BUDGET", "1000/day");
    let running = home.start("--interval 0.2")?;
    running.logs("The cars of someone@example.com");
    running.logs("renewing the token of someone@example.com");
    running.logs("observing");
    running.signal("INT")?;
    let ended = running.wait()?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    let out = Out {
        all: receiver.bytes(),
        home,
    };
    for there in ["The cars of [e-mail]", "renewing the token of [e-mail]"] {
        assert_eq!(out.has(there.as_bytes()), ["/v1/logs"], "{there}");
    }
    for gone in ["someone", "Someone", "example.com", "Example.com"] {
        let found = out.has(gone.as_bytes());
        assert!(found.is_empty(), "{gone} is in {found:?}");
    }
    Ok(())
}

/// All files below a directory, by their names and what is in them.
fn kept(directory: &std::path::Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        all.extend(path.file_name().ok_or("no name")?.as_encoded_bytes());
        all.extend(match path.is_dir() {
            true => kept(&path)?,
            false => std::fs::read(&path)?,
        });
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_on_disk_has_no_more_in_it_than_what_is_sent() -> Result {
    let (simulator, secrets) = tesla().await?;
    let home = Home::new()?
        .at(&simulator)
        .logged_in(&simulator)
        .await?
        // Nobody listens there.
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        .with("TESLA_OBSERVER_PRIVATE_TEXTS", "true")
        .with("TESLA_BUDGET", "1000/day")
        .with("RUST_LOG", "debug");
    let state = home.path(".local/state/tesla-observer");
    for withheld in [
        "--location off --vin off",
        "--location rounded --vin hash --spool-dir hashed",
    ] {
        // Two of the cars fail.
        let ended = home.run(&format!("--once --display off {withheld}"))?;
        assert_eq!(ended.code(), Some(1), "{ended:?}");
        let spool = match withheld.contains("hashed") {
            true => home.path("hashed"),
            false => state.join("spool"),
        };
        let out = Out {
            all: vec![
                ("spool", kept(&spool)?),
                ("budget", kept(&state.join("budget"))?),
                ("log", ended.all().into_bytes()),
            ],
            home: Home::new()?,
        };
        for there in [
            "Polaris",
            "chargestate_battery_level",
            "The cars of [e-mail]",
        ] {
            assert!(out.has(there.as_bytes()).contains(&"spool"), "{there}");
        }
        assert!(!out.has(b"driver@example.com").contains(&"spool"));
        assert_no_vin(&out, &secrets);
        assert_no_place(&out, &secrets);
    }
    Ok(())
}
