//! That cars sleep: days of simulated cars under the real schedule and the real client, over HTTP,
//! each beside the same car that nobody asks.
//!
//! `cargo test -p tesla-observer --test sleep -- --nocapture` prints the figures; with `SLEEP_DAYS=30`
//! of a whole month of each car, which takes minutes.

mod life;

use std::time::Duration;

use tesla_observer::schedule;
use tesla_observer::simulator::Habits;

use life::{Life, Lived, polled_each_minute};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// So many days, or as many as `SLEEP_DAYS` says.
fn days(usual: u32) -> u32 {
    let said = std::env::var("SLEEP_DAYS").ok();
    said.and_then(|days| days.parse().ok()).unwrap_or(usual)
}

/// What must hold of every car.
fn holds(name: &str, lived: &Lived) {
    println!("{name}\n{lived}");
    let share = lived.share();
    assert!(share >= 0.95, "{name} slept {:.1} %", 100.0 * share);
    assert_eq!(lived.wake_ups, 0, "{name}");
    // All that was missed was begun while it was left alone.
    assert_eq!(lived.missed_although_watched(), [], "{name}");
}

#[tokio::test]
async fn a_car_that_is_never_driven_sleeps() -> Result {
    let lived = Life::new(Habits::Idle, 1, days(14)).live().await?;
    holds("An idle car", &lived);
    assert!(lived.drives.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_car_that_goes_to_work_sleeps_and_its_drives_are_seen_from_their_first_minute() -> Result
{
    let lived = Life::new(Habits::Usual, 1, days(5)).live().await?;
    holds("A commuting car", &lived);
    assert!(lived.drives.len() >= 8);
    Ok(())
}

#[tokio::test]
async fn a_car_on_the_road_sleeps_at_night() -> Result {
    let lived = Life::new(Habits::RoadTrip, 1, days(2)).live().await?;
    holds("A car on the road", &lived);
    assert!(lived.drives.len() >= 8);
    Ok(())
}

#[tokio::test]
async fn a_car_that_looks_online_each_hour_sleeps_all_the_same() -> Result {
    let lived = Life::new(Habits::Usual, 2, days(3)).live().await?;
    holds("A commuting car that looks online each hour", &lived);
    let lived = Life::new(Habits::Idle, 2, days(3)).live().await?;
    holds("An idle car that looks online each hour", &lived);
    Ok(())
}

#[tokio::test]
async fn a_car_that_watches_its_surroundings_at_work_sleeps_at_home() -> Result {
    let lived = Life::new(Habits::Usual, 0, days(2)).live().await?;
    holds("A commuting car with sentry mode", &lived);
    Ok(())
}

#[tokio::test]
async fn drives_and_charges_in_a_garage_without_reception_are_noticed_afterwards() -> Result {
    let lived = Life::new(Habits::Usual, 3, days(7)).live().await?;
    holds("A commuting car in a deep garage", &lived);
    let hidden = lived.drives.iter().filter(|drive| drive.is_hidden());
    assert!(hidden.count() >= 1, "{lived}");
    assert!(lived.noticed.contains_key("drive"), "{lived}");
    assert!(lived.noticed.contains_key("charge"), "{lived}");
    Ok(())
}

#[tokio::test]
async fn one_interval_for_all_lets_a_car_sleep_too_and_a_fixed_poll_does_not() -> Result {
    let each_minute = schedule::Settings {
        interval: Some(Duration::from_secs(60)),
        ..schedule::Settings::default()
    };
    let lived = Life::new(Habits::Usual, 1, days(5))
        .with(each_minute)
        .live()
        .await?;
    holds("A commuting car, --interval 60", &lived);
    let slept = polled_each_minute(Habits::Idle, 1, 1).await?;
    println!("An idle car, vehicle_data each 60 s: 1440 a day, slept {slept:?} of a day");
    assert_eq!(slept, Duration::ZERO);
    Ok(())
}
