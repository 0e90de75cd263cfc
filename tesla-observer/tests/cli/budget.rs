//! The budget of a real process.

use std::time::Duration;

use serde_json::Value;
use tesla_observer::simulator::{Route, Settings, Simulator};

use crate::program::{Home, Result};

/// What the simulator was asked, at the Fleet API's list price, in millionths of a dollar.
fn billed(simulator: &Simulator) -> u64 {
    let requests = simulator.requests();
    let states = [
        Route::Vehicle,
        Route::Vehicles,
        Route::Products,
        Route::Region,
    ];
    let states: u64 = states.iter().map(|route| requests.of(*route)).sum();
    requests.of(Route::VehicleData) * 2_000 + states * 1_000
}

/// What `config` says of a setting: its value, and where it is from.
fn told(home: &Home, name: &str) -> Result<(String, String)> {
    let ended = home.run("config --format json")?;
    let list: Vec<Value> = serde_json::from_str(&ended.out)?;
    let mut list = list.iter();
    let setting = list.find(|setting| setting["name"] == name).ok_or(name)?;
    let text = |key: &str| setting[key].as_str().unwrap_or_default().to_owned();
    Ok((text("value"), text("source")))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_spends_no_more_than_its_budget() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?
        .at(&simulator)
        .with("TESLA_BUDGET", "0.50 USD")
        .logged_in(&simulator)
        .await?;
    let run = "run --display lines --interval 0.01";
    for _ in 0..4 {
        let before = billed(&simulator);
        let running = home.start(run)?;
        running.until("requests", |_, _| {
            (billed(&simulator) > before + 40_000).then_some(())
        });
        running.signal("KILL")?;
        running.wait()?;
        let (spent, _) = told(&home, "budget.spent")?;
        let cents: f64 = spent.split(' ').next().unwrap_or_default().parse()?;
        let asked = billed(&simulator) as f64 / 1e6;
        assert!(cents >= asked, "{spent} is less than {asked}");
    }
    // Alone, it would be slowed down so that it never comes to the end. `--once` is not.
    let mut spent = None;
    for _ in 0..100 {
        let ended = home.run("run --once --display lines")?;
        if ended.code() == Some(1) {
            spent = Some(ended);
            break;
        }
    }
    let spent = spent.ok_or("the budget never ended")?;
    for word in [
        "the budget of 0.50 USD a month is spent",
        "raise --budget (TESLA_BUDGET)",
    ] {
        assert!(spent.error.contains(word), "{spent:?}");
    }
    // The process that was killed had set something aside, each time.
    let asked = billed(&simulator);
    assert!((400_000..=500_000).contains(&asked), "{asked}");
    let (spent, from) = told(&home, "budget.spent")?;
    assert!(spent.contains("of 0.50 USD spent in 20"), "{spent}");
    assert_eq!(from, "ledger");
    let table = home.run("config")?;
    assert!(table.out.contains("of 0.50 USD spent in 20"), "{table:?}");
    // Nobody who is told that it is enough for today starts anew to ask more.
    let ended = home.run("run --once --display lines")?;
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    assert!(billed(&simulator) <= 500_000);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_slowed_down_long_before_its_budget_ends() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?
        .at(&simulator)
        .with("TESLA_BUDGET", "2 USD")
        .logged_in(&simulator)
        .await?;
    // Three cars a hundred times a second would spend it in some four seconds.
    let running = home.start("run --display lines --interval 0.01")?;
    let is_slow = || {
        let before = billed(&simulator);
        std::thread::sleep(Duration::from_secs(1));
        billed(&simulator) - before < 40_000
    };
    let slowed = (0..20).any(|_| is_slow());
    let asked = billed(&simulator);
    running.signal("TERM")?;
    let ended = running.wait()?;
    assert!(slowed, "{asked}");
    assert!(asked < 1_500_000, "{asked}");
    assert!(!ended.all().contains("is spent"), "{ended:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_pays_nothing_at_the_fleet_api() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let owner = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    assert_eq!(
        told(&owner, "budget")?,
        ("none".to_owned(), "default".to_owned())
    );
    let fleet = Home::new()?
        .at(&simulator)
        .with("TESLA_API", "fleet")
        .with("TESLA_CLIENT_ID", "simulated-fleet-client")
        .with("TESLA_CLIENT_SECRET", "simulated-fleet-secret")
        .with("TESLA_REDIRECT_URI", "http://localhost:1/callback")
        .logged_in(&simulator)
        .await?;
    let (value, from) = told(&fleet, "budget")?;
    assert!(
        value.starts_with("10USD") && value.contains("discount"),
        "{value}"
    );
    assert_eq!(from, "default");
    let (spent, _) = told(&fleet, "budget.spent")?;
    assert!(spent.starts_with("0.00 of 10.00 USD spent in"), "{spent}");
    let fleet = fleet.with("TESLA_BUDGET", "none");
    assert_eq!(
        told(&fleet, "budget")?,
        ("none".to_owned(), "TESLA_BUDGET".to_owned())
    );
    Ok(())
}

#[test]
fn a_budget_that_is_none_is_explained() -> Result {
    let home = Home::new()?.with("TESLA_BUDGET", "10 EUR");
    let ended = home.run("config")?;
    assert_eq!(ended.code(), Some(2));
    assert!(ended.error.contains("TESLA_BUDGET"), "{ended:?}");
    assert!(
        ended.error.contains("US dollars") && ended.error.contains("10USD"),
        "{ended:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_nobody_pays_is_counted_with_a_warning() -> Result {
    let simulator = Simulator::start(Settings::default()).await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    let ended = home.run("run --once --display lines --budget 5USD")?;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(
        ended.error.contains("Owner API costs no money"),
        "{ended:?}"
    );
    assert!(ended.all().contains("of 5.00 USD spent in"), "{ended:?}");
    Ok(())
}
