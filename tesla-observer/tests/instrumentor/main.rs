//! What is promised of each vehicle's turn and of the whole account, with another maker's service:
//! it has metrics of its own, and knows nothing of Tesla. Time is tokio's and passes at once.

mod garage;
mod observing;

use std::sync::atomic::Ordering;
use std::time::Duration;

use tesla_observer::fetch::{Next, Problem, Vehicle};
use tesla_observer::observer::Settings;
use tokio::time::{Instant, sleep, sleep_until};

use garage::{Does, Garage, INTERVAL, error, moped, settings};
use observing::{Observing, log, of, value};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::test(start_paused = true)]
async fn the_state_is_read_first_and_a_sleeping_vehicle_is_not_asked_for_more() -> Result {
    let garage = Garage::new([
        ("AWAKE", vec![Does::Report(3.5)]),
        ("SLEEPY", vec![Does::Sleep]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    let asked: Vec<_> = garage.asked().into_iter().map(|(_, what)| what).collect();
    assert_eq!(
        asked,
        ["list all", "state AWAKE", "snapshot AWAKE", "state SLEEPY"]
    );
    let scraped = observing.scrape().await?;
    let awake = [("vin", "AWAKE"), ("vehicle_id", "AWAKE")];
    assert_eq!(
        value(&scraped, "moped_petrol", &awake),
        Some(3.5),
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "vehicle_state_online", &awake), Some(1.0));
    let sleepy = [("vin", "SLEEPY")];
    assert_eq!(
        value(&scraped, "moped_petrol", &sleepy),
        None,
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "vehicle_state_online", &sleepy), Some(0.0));
    for (state, is) in [("asleep", 1.0), ("online", 0.0)] {
        let labels = [("vin", "SLEEPY"), ("state", state)];
        assert_eq!(
            value(&scraped, "vehicle_state", &labels),
            Some(is),
            "{scraped:#?}"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_goes_on_failing_is_said_to_rarely() -> Result {
    let closed = Does::Fail(error(Problem::Server, Next::AsUsual));
    let hidden = Does::Fail(error(Problem::Timeout, Next::AsUsual));
    let (text, _guard) = log();
    let warnings = || {
        let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
        text.lines().filter(|line| line.contains(" WARN ")).count()
    };
    // Turns at 0, 10, 20, … s.
    let script = [
        closed.clone(),
        closed.clone(),
        hidden,
        closed.clone(),
        Does::Report(1.0),
        closed,
    ];
    let garage = Garage::new([("BROKEN", script.to_vec())]);
    let _observing = Observing::start(&garage, settings())?;
    let start = Instant::now();
    for (until, said) in [
        (5, 1),
        (15, 1),
        (25, 2),
        (35, 3),
        (45, 3),
        (55, 4),
        (900, 4),
        (965, 5),
    ] {
        sleep_until(start + Duration::from_secs(until)).await;
        assert_eq!(warnings(), said, "after {until} s");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_falls_asleep_in_between_is_asleep_not_failed() -> Result {
    let garage = Garage::new([("TIRED", vec![Does::Report(1.0), Does::FallAsleep])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(15)).await;
    let scraped = observing.scrape().await?;
    let asleep = [("vin", "TIRED"), ("state", "asleep")];
    assert_eq!(
        value(&scraped, "vehicle_state", &asleep),
        Some(1.0),
        "{scraped:#?}"
    );
    assert_eq!(value(&scraped, "moped_petrol", &[]), None, "{scraped:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_nothing_stale_is_reported() -> Result {
    let failing = error(Problem::Server, Next::AsUsual);
    let garage = Garage::new([
        (
            "FAILS",
            vec![Does::Report(1.0), Does::Fail(failing), Does::Report(2.0)],
        ),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    assert!(!of(&observing.scrape().await?, "FAILS").is_empty());
    sleep(INTERVAL).await;
    let scraped = observing.scrape().await?;
    assert_eq!(of(&scraped, "FAILS"), [] as [&String; 0]);
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "WORKS")]),
        Some(7.0)
    );
    sleep(INTERVAL).await;
    let scraped = observing.scrape().await?;
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "FAILS")]),
        Some(2.0)
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_neither_its_vehicle_nor_the_others() -> Result {
    let garage = Garage::new([
        ("PANICS", vec![Does::Panic, Does::Report(1.0)]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(15)).await;
    let scraped = observing.scrape().await?;
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "PANICS")]),
        Some(1.0),
        "{scraped:#?}"
    );
    assert_eq!(garage.times("snapshot WORKS"), [0, 10]);
    assert!(!observing.run.is_finished());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn panics_that_are_about_all_vehicles_end_nothing() -> Result {
    let garage = Garage::new([("WORKS", vec![Does::Report(7.0)])]);
    garage.panics.store(true, Ordering::Relaxed);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    garage.panics.store(false, Ordering::Relaxed);
    // The first list is asked for again after an interval, a later one after its own.
    sleep(INTERVAL).await;
    assert_eq!(garage.times("snapshot WORKS"), [10]);
    garage.panics.store(true, Ordering::Relaxed);
    sleep(Duration::from_secs(1_000)).await;
    assert_eq!(garage.times("list all"), [0, 10, 610]);
    assert_eq!(garage.times("snapshot WORKS").len(), 101);
    garage.panics.store(false, Ordering::Relaxed);
    garage.list(Ok(vec![moped("WORKS"), moped("NEW")]));
    sleep(Duration::from_secs(300)).await;
    assert!(!garage.times("snapshot NEW").is_empty());
    assert!(!observing.run.is_finished());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_error_says_when_to_ask_again() -> Result {
    let hour = Next::After(Duration::from_secs(3600));
    let limited = Does::Fail(error(Problem::RateLimited, hour));
    let garage = Garage::new([("LIMITED", vec![limited, Does::Report(1.0)])]);
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(3625)).await;
    assert_eq!(garage.times("state LIMITED"), [0, 3600, 3610, 3620]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_only_the_owner_can_mend_ends_the_run_with_that_error() -> Result {
    let stop = error(Problem::Unauthorized, Next::Stop);
    let garage = Garage::new([
        ("STOPS", vec![Does::Report(1.0), Does::Fail(stop.clone())]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let observing = Observing::start(&garage, settings())?;
    assert_eq!(observing.ended().await?, Err(stop));
    assert_eq!(garage.times("snapshot STOPS"), [0, 10]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn vehicles_that_come_go_and_are_renamed_are_followed() -> Result {
    let garage = Garage::new([("GOES", vec![]), ("RENAMED", vec![]), ("STAYS", vec![])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(5)).await;
    let renamed = Vehicle {
        display_name: Some("Ju".to_owned()),
        ..moped("RENAMED")
    };
    garage.list(Ok(vec![renamed, moped("STAYS"), moped("NEW")]));
    sleep(Duration::from_secs(600)).await;
    let scraped = observing.scrape().await?;
    assert_eq!(of(&scraped, "GOES"), [] as [&String; 0]);
    assert_eq!(
        value(&scraped, "moped_petrol", &[("vin", "NEW")]),
        Some(1.0),
        "{scraped:#?}"
    );
    let names = of(&scraped, "RENAMED");
    assert!(!names.is_empty() && names.iter().all(|line| line.contains("vehicle_id=\"Ju\"")));
    let counted = value(&scraped, "observer_vehicles", &[("availability", "online")]);
    assert_eq!(counted, Some(3.0), "{scraped:#?}");
    // One that stays keeps its turns.
    let stays = garage.times("state STAYS");
    assert!(
        stays.windows(2).all(|pair| pair[1] - pair[0] == 10),
        "{stays:?}"
    );
    // A list that fails changes nothing.
    garage.list(Err(error(Problem::Server, Next::AsUsual)));
    sleep(Duration::from_secs(600)).await;
    assert_eq!(
        of(&observing.scrape().await?, "STAYS").len(),
        of(&scraped, "STAYS").len()
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_at_first_is_asked_until_it_answers() -> Result {
    let garage = Garage::new([("LATE", vec![])]);
    garage.list(Err(error(
        Problem::Unreachable,
        Next::After(Duration::from_secs(30)),
    )));
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(70)).await;
    assert_eq!(garage.times("list all"), [0, 30, 60]);
    garage.list(Ok(vec![moped("LATE")]));
    sleep(Duration::from_secs(25)).await;
    assert!(!of(&observing.scrape().await?, "LATE").is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_vehicles_take_turns_and_do_not_all_ask_at_once() -> Result {
    let garage = Garage::new([]);
    garage.list(Ok((0..1_000).map(moped).collect()));
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_millis(29_999)).await;
    let asked = garage.asked.lock().expect("no panic").clone();
    let states: Vec<_> = asked
        .iter()
        .filter(|(_, what)| what.starts_with("state"))
        .collect();
    assert_eq!(states.len(), 3 * 1_000);
    for second in 0..30 {
        let in_it = states
            .iter()
            .filter(|(at, _)| at.as_secs() == second)
            .count();
        assert!((90..=110).contains(&in_it), "{in_it} in second {second}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn once_asks_each_vehicle_once_and_tells_the_first_error() -> Result {
    let failing = error(Problem::Server, Next::AsUsual);
    let garage = Garage::new([
        ("FAILS", vec![Does::Fail(failing.clone())]),
        ("WORKS", vec![Does::Report(7.0)]),
    ]);
    let once = Settings {
        once: true,
        ..settings()
    };
    let observing = Observing::start(&garage, once)?;
    assert_eq!(observing.ended().await?, Err(failing));
    assert_eq!(garage.times("snapshot WORKS"), [0]);
    Ok(())
}
