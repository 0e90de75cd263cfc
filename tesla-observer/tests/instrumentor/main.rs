//! What is promised of each vehicle's turn and of the whole account, with another maker's service:
//! it has metrics of its own, and knows nothing of Tesla. Time is tokio's and passes at once.

mod garage;
mod observing;
mod panics;

use std::time::Duration;

use tesla_observer::fetch::{Next, Problem, Vehicle};
use tesla_observer::model::Condition;
use tesla_observer::observer::Settings;
use tokio::time::{Instant, sleep, sleep_until};

use garage::{Does, Garage, INTERVAL, error, moped, on_the_road, settings};
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
async fn a_vehicle_that_was_awake_is_asked_for_its_data_at_once() -> Result {
    let garage = Garage::new([("AWAKE", vec![Does::Report(3.5)])]);
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(25)).await;
    assert_eq!(garage.times("state AWAKE"), [0]);
    assert_eq!(garage.times("snapshot AWAKE"), [0, 10, 20]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_does_nothing_is_left_alone_and_that_is_told() -> Result {
    let stands = Does::Act(1.0, Condition::default());
    let garage = Garage::new([("STANDS", vec![stands])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(15 * 60 + 25)).await;
    let data = garage.times("snapshot STANDS");
    assert_eq!(data.last(), Some(&900), "{data:?}");
    assert_eq!(garage.times("state STANDS"), [0, 910, 920]);
    let scraped = observing.scrape().await?;
    for (activity, is) in [("suspended", 1.0), ("idle", 0.0)] {
        let labels = [("state", activity)];
        let found = value(&scraped, "vehicle_activity", &labels);
        assert_eq!(found, Some(is), "{scraped:#?}");
    }
    assert_eq!(value(&scraped, "vehicle_state_online", &[]), Some(1.0));
    assert_eq!(value(&scraped, "moped_petrol", &[]), None, "{scraped:#?}");
    // The one question in between.
    sleep(Duration::from_secs(21 * 60)).await;
    assert_eq!(
        garage.times("snapshot STANDS").last(),
        Some(&(900 + 21 * 60))
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_is_older_than_the_last_is_not_reported() -> Result {
    let at = |petrol, timestamp_ms| {
        let condition = Condition {
            timestamp_ms: Some(timestamp_ms),
            ..on_the_road()
        };
        Does::Act(petrol, condition)
    };
    let garage = Garage::new([("LATE", vec![at(3.0, 50), at(4.0, 40), at(5.0, 60)])]);
    let observing = Observing::start(&garage, settings())?;
    for (seconds, petrol) in [(5, 3.0), (10, 3.0), (10, 5.0)] {
        sleep(Duration::from_secs(seconds)).await;
        let scraped = observing.scrape().await?;
        let found = value(&scraped, "moped_petrol", &[]);
        assert_eq!(found, Some(petrol), "{scraped:#?}");
    }
    let scraped = observing.scrape().await?;
    let counted = value(&scraped, "observer_readings_outdated", &[]);
    assert_eq!(counted, Some(1.0), "{scraped:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_drive_that_was_not_seen_to_begin_is_counted_and_logged() -> Result {
    let stands = |miles| {
        let condition = Condition {
            odometer_miles: Some(miles),
            ..Condition::default()
        };
        Does::Act(1.0, condition)
    };
    let (text, _guard) = log();
    let script = vec![stands(100.0), Does::Sleep, stands(112.5)];
    let garage = Garage::new([("SECRETIVE", script)]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(25)).await;
    let scraped = observing.scrape().await?;
    let labels = [("event", "drive")];
    let counted = value(&scraped, "observer_events_unseen", &labels);
    assert_eq!(counted, Some(1.0), "{scraped:#?}");
    let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
    assert!(
        text.contains("a drive had begun that was not seen"),
        "{text}"
    );
    assert!(text.contains("miles=12.5"), "{text}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_is_not_found_any_more_is_asked_again_if_the_list_still_has_it() -> Result {
    let unknown = Does::Fail(error(Problem::NotFound, Next::AsUsual));
    let mut script = vec![Does::Report(1.0)];
    script.extend(vec![unknown; 8]);
    script.push(Does::Report(2.0));
    let garage = Garage::new([("SOLD", script), ("KEPT", vec![])]);
    let observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(590)).await;
    assert_eq!(garage.times("snapshot SOLD").last(), Some(&80));
    let scraped = observing.scrape().await?;
    let removed = [("vin", "SOLD"), ("state", "removed")];
    let found = value(&scraped, "vehicle_activity", &removed);
    assert_eq!(found, Some(1.0), "{scraped:#?}");
    // The list is read.
    sleep(Duration::from_secs(30)).await;
    let scraped = observing.scrape().await?;
    let petrol = value(&scraped, "moped_petrol", &[("vin", "SOLD")]);
    assert_eq!(petrol, Some(2.0), "{scraped:#?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_goes_on_failing_is_said_to_rarely() -> Result {
    let closed = Does::Fail(error(Problem::Forbidden, Next::AsUsual));
    let hidden = Does::Fail(error(Problem::Unreachable, Next::AsUsual));
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
        (35, 2),
        // It went well at 40 s, and fails as before.
        (55, 2),
        (895, 2),
        (915, 3),
        (955, 3),
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
async fn an_error_says_when_to_ask_again() -> Result {
    let hour = Next::After(Duration::from_secs(3600));
    let limited = Does::Fail(error(Problem::RateLimited, hour));
    let garage = Garage::new([("LIMITED", vec![limited, Does::Report(1.0)])]);
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(3625)).await;
    assert_eq!(garage.times("snapshot LIMITED"), [0, 3600, 3610, 3620]);
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
    let stays = garage.times("snapshot STAYS");
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
    let snapshots: Vec<_> = asked
        .iter()
        .filter(|(_, what)| what.starts_with("snapshot"))
        .collect();
    assert_eq!(snapshots.len(), 3 * 1_000);
    for second in 0..30 {
        let in_it = snapshots
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

#[tokio::test(start_paused = true)]
async fn once_does_not_take_longer_with_many_vehicles_than_they_need() -> Result {
    let garage = Garage::new([]);
    garage.list(Ok((0..100).map(moped).collect()));
    let once = Settings {
        once: true,
        ..settings()
    };
    let start = Instant::now();
    let observing = Observing::start(&garage, once)?;
    assert_eq!(observing.ended().await?, Ok(()));
    assert!(
        start.elapsed() <= Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_a_night_in_which_the_machine_slept_vehicles_take_turns_and_do_not_ask_at_once()
-> Result {
    let garage = Garage::new([]);
    garage.list(Ok((0..300).map(moped).collect()));
    let _observing = Observing::start(&garage, settings())?;
    sleep(Duration::from_secs(25)).await;
    // A machine whose clock runs on in its sleep.
    tokio::time::advance(Duration::from_secs(8 * 3600)).await;
    let awake = garage.start.elapsed();
    sleep(INTERVAL).await;
    let asked = garage.asked.lock().expect("no panic").clone();
    let snapshots = asked
        .iter()
        .filter(|(_, what)| what.starts_with("snapshot"));
    let after: Vec<_> = snapshots.filter(|(at, _)| *at >= awake).collect();
    assert!((299..=301).contains(&after.len()), "{}", after.len());
    for second in 0..10 {
        let in_it = after
            .iter()
            .filter(|(at, _)| (*at - awake).as_secs() == second)
            .count();
        assert!((27..=33).contains(&in_it), "{in_it} in second {second}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_to_the_whole_account_is_said_by_one_of_its_vehicles() -> Result {
    let (text, _guard) = log();
    let spent = Does::Fail(error(Problem::Budget, Next::After(Duration::from_secs(60))));
    let names = ["A", "B", "C", "D", "E"];
    let garage = Garage::new(names.map(|name| (name, vec![spent.clone()])));
    let _observing = Observing::start(&garage, settings())?;
    for (until, said) in [(800, 1), (1_000, 2)] {
        sleep_until(garage.start + Duration::from_secs(until)).await;
        let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
        let warnings = text.lines().filter(|line| line.contains(" WARN "));
        assert_eq!(warnings.count(), said, "after {until} s: {text}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_list_that_goes_on_failing_is_said_to_rarely() -> Result {
    let (text, _guard) = log();
    let warnings = || {
        let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
        text.lines().filter(|line| line.contains(" WARN ")).count()
    };
    let fails = |problem| Err(error(problem, Next::After(Duration::from_secs(10))));
    let garage = Garage::new([("A", vec![])]);
    garage.list(fails(Problem::Unreachable));
    let _observing = Observing::start(&garage, settings())?;
    let until = |seconds| sleep_until(garage.start + Duration::from_secs(seconds));
    until(895).await;
    assert_eq!(warnings(), 1);
    until(915).await;
    assert_eq!(warnings(), 2);
    garage.list(fails(Problem::Server));
    until(935).await;
    assert_eq!(warnings(), 3, "another one is new");
    // And later on, when vehicles are known, as well.
    garage.list(Ok(vec![moped("A")]));
    until(955).await;
    garage.list(fails(Problem::Server));
    until(2_400).await;
    assert_eq!(warnings(), 4, "{:?}", garage.times("list all"));
    Ok(())
}
