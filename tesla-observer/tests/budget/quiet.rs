//! What a service says about its limits holds for the whole account.

use std::collections::HashSet;
use std::time::Duration;

use tesla_observer::fetch::{Next, Problem};
use tesla_observer::simulator::Settings;

use crate::cars::{Cars, Result, Turn, still, wait};

/// All other cars' waits after the first one's question was answered like this.
async fn waits_after(fault: &str) -> Result<(Duration, Vec<Duration>, Cars)> {
    let cars = Cars::start(still(6), None).await?;
    cars.break_down(&format!(
        r#"{{"rules": [{{"route": "vehicle", "fault": {fault}, "when": {{"next": 1}}}}]}}"#
    ))?;
    let Turn::Failed(first) = cars.turn(0).await else {
        return Err("it should have failed".into());
    };
    let Next::After(told) = first.next else {
        return Err(format!("{first:?}").into());
    };
    let asked = cars.asked();
    let mut waits = Vec::new();
    for car in 1..6 {
        match cars.turn(car).await {
            Turn::Failed(error) => {
                assert_eq!(error.problem, Problem::Held, "{error}");
                let Next::After(wait) = error.next else {
                    return Err(format!("{error:?}").into());
                };
                waits.push(wait);
            }
            other => return Err(format!("car {car}: {other:?}").into()),
        }
    }
    assert_eq!(cars.asked(), asked, "nobody asked");
    Ok((told, waits, cars))
}

#[tokio::test]
async fn told_to_wait_all_cars_of_the_account_wait_and_come_back_one_after_another() -> Result {
    for (fault, seconds) in [
        (r#"{"rate_limited": {"seconds": 45}}"#, 45),
        (r#"{"rate_limited_text": {"seconds": 45363}}"#, 45_363),
        (r#"{"rate_limited_date": {"seconds": 100}}"#, 100),
        (r#""limit_exceeded""#, 900),
    ] {
        let (told, waits, cars) = waits_after(fault).await?;
        // A date is told in whole seconds.
        assert!(told.as_secs().abs_diff(seconds) <= 2, "{fault}: {told:?}");
        assert!(waits.iter().all(|wait| *wait >= told), "{fault}: {waits:?}");
        let moments: HashSet<_> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(moments.len(), waits.len(), "{fault}: {waits:?}");
        cars.simulator
            .clock()
            .advance(told + Duration::from_secs(1));
        let turn = cars.turn(0).await;
        assert!(
            matches!(turn, Turn::Read | Turn::NotAsked),
            "{fault}: {turn:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn one_car_s_trouble_is_not_the_account_s() -> Result {
    for fault in [
        r#""unavailable""#,
        r#""not_found""#,
        r#""device_error""#,
        r#""bad_gateway""#,
    ] {
        let cars = Cars::start(still(3), None).await?;
        cars.break_down(&format!(
            r#"{{"rules": [{{"fault": {fault}, "when": {{"next": 1}}}}]}}"#
        ))?;
        cars.turn(0).await;
        let turn = cars.turn(1).await;
        assert!(
            matches!(turn, Turn::Read | Turn::NotAsked),
            "{fault}: {turn:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_limit_that_answers_tell_of_is_used_and_never_run_into() -> Result {
    let settings = Settings {
        rate_limit: Some(60),
        ..still(5)
    };
    let cars = Cars::start(settings, None).await?;
    let mut turns = vec![cars.passed(); cars.vehicles.len()];
    let end = Duration::from_secs(900);
    // Five cars that want 240 requests a minute.
    while let Some((car, at)) = turns.iter().copied().enumerate().min_by_key(|(_, at)| *at) {
        if at >= end {
            break;
        }
        let now = cars.passed();
        cars.simulator.clock().advance(at.saturating_sub(now));
        let turn = cars.turn(car).await;
        turns[car] = cars.passed() + wait(&turn, Duration::from_millis(2_500), 1.0);
    }
    assert_eq!(cars.simulator.refused_by_rate(), 0);
    let asked = cars.asked_of_the_api();
    assert!(
        asked > 15 * 60 * 8 / 10,
        "what is allowed is used: {asked} of 900"
    );
    Ok(())
}
