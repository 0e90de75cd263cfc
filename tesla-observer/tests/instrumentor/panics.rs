//! A mistake in a maker's code, a panic, ends nothing, and is told.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::garage::{Does, Garage, INTERVAL, moped, settings};
use crate::observing::{Observing, log, value};

#[tokio::test(start_paused = true)]
async fn a_panic_ends_neither_its_vehicle_nor_the_others() -> Result {
    let (text, _guard) = log();
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
    // Who looks at the metrics or at the log knows of it.
    for (outcome, count) in [("failed", 1.0), ("read", 3.0)] {
        let counted = value(&scraped, "observer_cycles", &[("outcome", outcome)]);
        assert_eq!(counted, Some(count), "{outcome}: {scraped:#?}");
    }
    let text = String::from_utf8_lossy(&text.lock().expect("no panic")).into_owned();
    let said: Vec<_> = text.lines().filter(|line| line.contains("panic")).collect();
    assert_eq!(said.len(), 1, "{text}");
    for word in [
        " WARN ",
        "PANICS",
        "error.type=\"panic\"",
        "please report it",
    ] {
        assert!(said[0].contains(word), "no {word} in {said:?}");
    }
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
