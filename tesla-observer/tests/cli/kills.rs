//! The program, killed while it renews its tokens, and two of it that share an account.

use std::fs;
use std::time::Duration;

use tesla_observer::simulator::{
    Fault, Faults, RefreshPolicy, Route, Rule, Settings, Simulator, When,
};

use crate::program::{Home, PATIENCE, Result};

async fn strict() -> Result<(Simulator, Home)> {
    let simulator = Simulator::start(Settings {
        speed: 0.0,
        refresh_policy: RefreshPolicy::Strict,
        ..Settings::default()
    })
    .await?;
    let home = Home::new()?.at(&simulator).logged_in(&simulator).await?;
    Ok((simulator, home))
}

/// The service refuses the access token from now on.
fn the_token_ends(simulator: &Simulator) {
    simulator.clock().advance(Duration::from_secs(9 * 3_600));
}

/// Numbers that are the same in each run (Knuth's MMIX generator).
fn random(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_of_a_renewal_it_works_at_the_next_start() -> Result {
    const ANSWER: u64 = 60;
    let (simulator, home) = strict().await?;
    let mut seed = 4;
    let (mut killed, mut renewed) = (0, 0);
    for round in 0..16 {
        the_token_ends(&simulator);
        // Before the service has done it, or after: the answer comes late.
        let milliseconds = ANSWER;
        let fault = match round % 2 {
            0 => Fault::Delay { milliseconds },
            _ => Fault::Late { milliseconds },
        };
        let rule = Rule {
            route: Some(Route::Token),
            vehicle: None,
            fault,
            when: When::Always,
        };
        simulator.set_faults(Faults { rules: vec![rule] });
        let before = simulator.requests().of(Route::Token);
        let stored = fs::read(home.accounts().join("driver@example.com.json"))?;
        let running = home.start("vehicles")?;
        let asks = async {
            while simulator.requests().of(Route::Token) == before {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asks).await?;
        // A random moment: while it waits, while it writes, or after.
        tokio::time::sleep(Duration::from_millis(random(&mut seed) % (ANSWER + 30))).await;
        running.signal("KILL")?;
        killed += usize::from(running.wait()?.code().is_none());
        simulator.set_faults(Faults::default());
        // Never torn: the one from before, or the one from after.
        let now = fs::read(home.accounts().join("driver@example.com.json"))?;
        let _: serde_json::Value = serde_json::from_slice(&now)?;
        renewed += usize::from(now != stored);
        let ended = home.run("vehicles")?;
        assert_eq!(ended.code(), Some(0), "{round}: {ended:?}");
        assert_eq!(simulator.refused_renewals(), 0, "{round}");
    }
    assert!(
        killed >= 8,
        "{killed} were killed in time, {renewed} had renewed"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_share_an_account_renew_it_in_turn() -> Result {
    let (simulator, home) = strict().await?;
    for round in 0..10 {
        the_token_ends(&simulator);
        // Neither knows whether the other is first.
        let both = [home.start("vehicles")?, home.start("vehicles")?];
        for one in both {
            let ended = one.wait()?;
            assert_eq!(ended.code(), Some(0), "{round}: {ended:?}");
        }
        assert_eq!(simulator.refused_renewals(), 0, "{round}");
    }
    // One each time: whoever is second finds what the first has stored. The login is one, too.
    assert_eq!(simulator.requests().of(Route::Token) - 1, 10);
    Ok(())
}
