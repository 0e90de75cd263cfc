//! Budgets over days.

use std::time::Duration;

use tesla_observer::budget::{Limit, Money};
use tesla_observer::fetch::{Problem, VehicleFetcher as _};
use tesla_observer::simulator::Route;

use crate::cars::{Cars, MINUTE, Result, Turn, still, wait};

const DAY: Duration = Duration::from_secs(86_400);
const BUSY: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_busy_car_is_slowed_and_on_no_day_asked_more_than_the_budget() -> Result {
    let cars = Cars::start(still(1), Some(Limit::Daily(100))).await?;
    let mut before = 0;
    for day in 1..=3_u32 {
        let mut slowest: f64 = 1.0;
        let mut gaps = Vec::new();
        while cars.passed() < DAY * day {
            let turn = cars.turn(0).await;
            let asked = cars.asked_of_the_api() - before;
            assert!(asked <= 100, "{asked} on day {day}");
            let pace = cars.tesla.pace().times;
            slowest = slowest.max(pace);
            // Not beyond the day: what a schedule does at midnight is its own matter.
            let left = DAY * day - cars.passed();
            let wait = wait(&turn, BUSY, pace).min(left);
            gaps.push(wait);
            cars.simulator.clock().advance(wait);
        }
        let asked = cars.asked_of_the_api() - before;
        assert!((90..=100).contains(&asked), "{asked} of 100 on day {day}");
        assert!(slowest > 50.0, "{slowest}");
        let longest = gaps.iter().max().ok_or("no turns")?;
        assert!(
            *longest < 4 * 60 * MINUTE,
            "it slows, it does not stop: {longest:?}"
        );
        before = cars.asked_of_the_api();
    }
    Ok(())
}

#[tokio::test]
async fn money_is_counted_as_the_price_list_has_it_and_its_end_is_explained() -> Result {
    let limit = Limit::Monthly(Money::from_micros(100_000));
    let cars = Cars::start(still(1), Some(limit)).await?;
    let error = loop {
        if let Turn::Failed(error) = cars.turn(0).await {
            break error;
        }
        cars.simulator.clock().advance(Duration::from_secs(1));
    };
    assert_eq!(error.problem, Problem::Budget);
    assert!(error.detail.contains("0.10 USD a month"), "{error}");
    assert!(error.detail.contains("2026-12-01 00:00 UTC"), "{error}");
    let requests = cars.simulator.requests();
    let data = requests.of(Route::VehicleData) * 2_000;
    let others = (requests.of(Route::Vehicle) + requests.of(Route::Products)) * 1_000;
    assert!(
        (94_000..=100_000).contains(&(data + others)),
        "{data} + {others}"
    );
    assert_eq!(cars.governor.standing().money.micros(), data + others);
    // What is refused reaches nobody.
    let asked = cars.asked();
    for _ in 0..200 {
        cars.turn(0).await;
    }
    let more = cars.asked() - asked;
    assert!(more <= 6, "only states, from what is kept for them: {more}");
    Ok(())
}

#[tokio::test]
async fn what_fails_on_tesla_s_side_costs_nothing_and_what_is_refused_does() -> Result {
    let limit = Limit::Monthly(Money::from_micros(1_000_000));
    let cars = Cars::start(still(1), Some(limit)).await?;
    let spent = || cars.governor.standing().money.micros();
    let before = spent();
    for fault in [
        "bad_gateway",
        "service_unavailable",
        "server_error",
        "device_error",
    ] {
        cars.break_down(&format!(r#"{{"rules": [{{"fault": "{fault}"}}]}}"#))?;
        assert!(matches!(cars.turn(0).await, Turn::Failed(_)));
        assert_eq!(spent(), before, "{fault}");
    }
    for fault in ["unavailable", "in_service", "not_found"] {
        let before = spent();
        cars.break_down(&format!(r#"{{"rules": [{{"fault": "{fault}"}}]}}"#))?;
        cars.turn(0).await;
        assert_eq!(spent() - before, 1_000, "{fault}");
    }
    Ok(())
}
