//! That cars sleep: days of simulated cars under the real schedule and the real client, over HTTP,
//! each beside the same car that nobody asks.
//!
//! A commuting car lives through a month, once with one interval for all, once on a budget; the others
//! through some days. A month of each, all as it is by default,
//! with the figures: `SLEEP_DAYS=30 cargo test --release -p tesla-observer --test sleep -- --nocapture`.

mod life;

use std::time::Duration;

use tesla_observer::budget::{Limit, Money};
use tesla_observer::schedule;
use tesla_observer::simulator::Habits;

use life::{Life, Lived, polled_each_minute};

const MINUTE: Duration = Duration::from_secs(60);

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
    assert_eq!(lived.left_alone_too_long(), [], "{name}");
}

#[tokio::test]
async fn a_car_that_is_never_driven_sleeps() -> Result {
    let lived = Life::new(Habits::Idle, 1, days(2)).live().await?;
    holds("An idle car", &lived);
    assert!(lived.drives.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_car_that_goes_to_work_sleeps_and_its_drives_are_seen_from_their_first_minute() -> Result
{
    let lived = Life::new(Habits::Usual, 1, days(3)).live().await?;
    holds("A commuting car", &lived);
    assert!(lived.drives.len() >= 4);
    Ok(())
}

#[tokio::test]
async fn a_car_that_goes_to_work_sleeps_through_a_whole_month_and_its_drives_are_seen() -> Result {
    // One interval for all, which needs the fewest questions.
    let each_minute = schedule::Settings {
        interval: Some(MINUTE),
        ..schedule::Settings::default()
    };
    let lived = Life::new(Habits::Usual, 1, 30)
        .with(each_minute)
        .live()
        .await?;
    holds("A commuting car through a month, --interval 60", &lived);
    assert!(lived.drives.len() >= 60);
    Ok(())
}

#[tokio::test]
async fn a_car_on_the_road_sleeps_at_night() -> Result {
    let lived = Life::new(Habits::RoadTrip, 1, days(2)).live().await?;
    holds("A car on the road", &lived);
    assert!(lived.drives.len() >= 4);
    Ok(())
}

#[tokio::test]
async fn a_car_that_looks_online_each_hour_sleeps_all_the_same() -> Result {
    let lived = Life::new(Habits::Usual, 2, days(2)).live().await?;
    holds("A commuting car that looks online each hour", &lived);
    let lived = Life::new(Habits::Idle, 2, days(2)).live().await?;
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
async fn a_car_that_is_asked_for_its_data_each_minute_never_sleeps() -> Result {
    let slept = polled_each_minute(Habits::Idle, 1, 1).await?;
    println!("An idle car, vehicle_data each 60 s: 1440 a day, slept {slept:?} of a day");
    assert_eq!(slept, Duration::ZERO);
    Ok(())
}

/// Twenty-six days on what the Fleet API's discount covers: so many are left of the simulated month.
#[tokio::test]
async fn on_a_budget_cars_sleep_as_well_drives_are_seen_later_and_it_is_never_passed() -> Result {
    let ten = Limit::Monthly(Money::from_micros(10_000_000));
    for (name, habits, after) in [
        ("A commuting car", Habits::Usual, 5 * MINUTE),
        ("A car on the road", Habits::RoadTrip, 20 * MINUTE),
    ] {
        let lived = Life::new(habits, 1, 26).on(ten).live().await?;
        println!("{name}, --budget 10USD\n{lived}");
        assert!(lived.share() >= 0.95, "{name}\n{lived}");
        assert_eq!(lived.wake_ups, 0, "{name}");
        // It is used, and not passed; nothing has to be refused.
        let spent = lived.spent.ok_or("there was a budget")?;
        assert!((8.0..=10.0).contains(&spent), "{name}: {spent} USD");
        assert_eq!(lived.refused, 0, "{name}");
        assert!(lived.longest_gap <= 120 * MINUTE, "{name}\n{lived}");
        assert!(lived.seen_at_all() >= 0.9, "{name}\n{lived}");
        let usually = lived.usually_seen_after().ok_or("none was seen")?;
        assert!(usually <= after, "{name}\n{lived}");
    }
    Ok(())
}

#[tokio::test]
async fn a_budget_that_begins_anew_is_used_at_once() -> Result {
    let few = Life::new(Habits::Usual, 1, 3).on(Limit::Daily(100));
    let lived = few.live().await?;
    println!("A commuting car, --budget 100/day\n{lived}");
    // The simulated days begin at 09:00 UTC: of the budget's days the last is a part of one.
    assert_eq!(lived.asked_on.len(), 4);
    assert!(lived.asked_on.iter().all(|asked| *asked <= 100));
    for (day, asked) in lived.asked_on[..3].iter().enumerate() {
        assert!(*asked >= 70, "{asked} on day {day}");
    }
    let after = lived.first_after_midnight.iter().max();
    assert!(after.is_some_and(|after| *after <= MINUTE), "{after:?}");
    Ok(())
}
