//! After an outage, of whatever kind.

use std::time::Duration;

use tesla_observer::fetch::VehicleFetcher as _;
use tesla_observer::simulator::{Route, Settings};

use crate::cars::{Cars, MINUTE, Result, Turn, still, wait};

const INTERVAL: Duration = Duration::from_secs(300);
const LIST: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3600);

/// Ten cars, two hours in which all is well, two hours of this, and half an hour after it: the
/// requests of the busiest minute before, and of the first minute with an answer after.
async fn outage(fault: &str) -> Result<(u64, u64, Cars)> {
    let settings = Settings {
        // It ends during the outage: then a token has to be got, too.
        access_token_life: 3 * HOUR,
        ..still(10)
    };
    let cars = Cars::start(settings, None).await?;
    let stagger = Duration::from_secs(7);
    // The last one is the list's.
    let mut turns: Vec<Duration> = (0..10).map(|car| stagger * car).collect();
    turns.push(LIST);
    let mut asked: Vec<(Duration, u64)> = Vec::new();
    let (begins, ends) = (2 * HOUR, 4 * HOUR);
    let mut state = 0;
    let mut back = None;
    while let Some((who, at)) = turns.iter().copied().enumerate().min_by_key(|(_, at)| *at) {
        cars.simulator
            .clock()
            .advance(at.saturating_sub(cars.passed()));
        if state == 0 && at >= begins {
            cars.break_down(&format!(r#"{{"rules": [{{"fault": {fault}}}]}}"#))?;
            state = 1;
        }
        if state == 1 && at >= ends {
            cars.break_down(r#"{"rules": []}"#)?;
            state = 2;
        }
        if at >= ends + HOUR / 2 {
            break;
        }
        let before = cars.asked();
        let (turn, interval) = match who {
            10 => match cars.tesla.vehicles().await {
                Ok(_) => (Turn::Read, LIST),
                Err(error) => (Turn::Failed(error), LIST),
            },
            car => (cars.turn(car).await, INTERVAL),
        };
        let requests = cars.asked() - before;
        asked.push((at, requests));
        if state == 2 && requests > 0 {
            back.get_or_insert(at);
        }
        turns[who] = at + wait(&turn, interval, cars.tesla.pace().times);
    }
    let within = |from: Duration, to: Duration| -> u64 {
        let times = asked.iter().filter(|(at, _)| (from..to).contains(at));
        times.map(|(_, requests)| requests).sum()
    };
    let normal = (0..120)
        .map(|minute| within(MINUTE * minute, MINUTE * (minute + 1)))
        .max();
    let back = back.ok_or("it never came back")?;
    let after = within(back, back + MINUTE);
    let later = within(back + MINUTE, back + HOUR / 2);
    assert!(later > 40, "all is as before again: {later}");
    Ok((normal.unwrap_or(0), after, cars))
}

#[tokio::test]
async fn the_first_minute_after_an_outage_has_no_more_requests_than_a_normal_one() -> Result {
    for fault in [
        r#""service_unavailable""#,
        r#""drop""#,
        r#""upstream_timeout""#,
    ] {
        let (normal, after, cars) = outage(fault).await?;
        assert!(normal >= 18, "{normal}");
        assert!(after >= 2, "{fault}: it goes on: {after}");
        assert!(after <= normal, "{fault}: {after} after, {normal} before");
        let tokens = cars.simulator.requests().of(Route::Token);
        assert!(tokens >= 2, "the renewal is among them");
    }
    Ok(())
}

#[tokio::test]
async fn nor_has_the_first_minute_after_a_long_wait_that_was_told() -> Result {
    let (normal, after, _cars) = outage(r#"{"rate_limited": {"seconds": 1800}}"#).await?;
    assert!(after <= normal, "{after} after, {normal} before");
    Ok(())
}
