use std::time::Duration;

use serde_json::Value;
use tesla_observer::simulator::Settings;

use crate::support::{HOUR, MINUTE, Result, Session, still};

const SECOND: Duration = Duration::from_secs(1);

fn number(data: &Value, pointer: &str) -> Result<f64> {
    Ok(data
        .pointer(pointer)
        .and_then(Value::as_f64)
        .ok_or(format!("{pointer} is no number"))?)
}

#[tokio::test]
async fn a_drive_that_is_polled_adds_up() -> Result {
    let session = Session::start(still()).await?;
    let vin = session.simulator.vins()[0].clone();
    session.pass(2 * MINUTE);
    let first = session.data(&vin).await?;
    assert_eq!(
        first["drive_state"]["shift_state"], "D",
        "the first car drives at once"
    );
    let range_of_a_kwh = 318.0 / 76.0;
    let (mut miles, mut kwh, mut apart) = (0.0, 0.0, 0.0_f64);
    let mut last = first.clone();
    for _ in 0..300 {
        session.pass(SECOND);
        let data = session.data(&vin).await?;
        if data["drive_state"]["shift_state"] != "D" {
            break;
        }
        miles += number(&data, "/drive_state/speed")? / 3600.0;
        kwh += number(&data, "/drive_state/power")? / 3600.0;
        assert!(
            number(&data, "/vehicle_state/odometer")? >= number(&last, "/vehicle_state/odometer")?
        );
        assert_eq!(
            number(&data, "/drive_state/timestamp")?,
            number(&last, "/drive_state/timestamp")? + 1000.0
        );
        if number(&data, "/drive_state/speed")? > 20.0 {
            let north =
                number(&data, "/drive_state/latitude")? - number(&last, "/drive_state/latitude")?;
            let east = (number(&data, "/drive_state/longitude")?
                - number(&last, "/drive_state/longitude")?)
                * number(&data, "/drive_state/latitude")?.to_radians().cos();
            let moved = east.atan2(north).to_degrees();
            let off =
                (moved - number(&data, "/drive_state/heading")? + 540.0).rem_euclid(360.0) - 180.0;
            apart = apart.max(off.abs());
        }
        last = data;
    }
    let difference =
        |pointer: &str| -> Result<f64> { Ok(number(&last, pointer)? - number(&first, pointer)?) };
    let driven = difference("/vehicle_state/odometer")?;
    assert!(driven > 1.0, "{driven} miles in five minutes");
    assert!(
        (miles / driven - 1.0).abs() < 0.03,
        "speed says {miles}, the odometer {driven}"
    );
    let used = -difference("/charge_state/battery_range")? / range_of_a_kwh;
    assert!(
        (kwh / used - 1.0).abs() < 0.1,
        "power says {kwh}, the range {used} kWh"
    );
    assert!(apart < 25.0, "heading and movement differ by {apart}°");
    Ok(())
}

#[tokio::test]
async fn a_charge_that_is_polled_adds_up_and_stops_at_its_limit() -> Result {
    let session = Session::start(still()).await?;
    let vin = session.simulator.vins()[1].clone();
    let first = session.data(&vin).await?;
    assert_eq!(
        first["charge_state"]["charging_state"], "Starting",
        "the second car charges at once"
    );
    let capacity = 77.5;
    let (mut kwh, mut highest) = (0.0, 0.0_f64);
    let mut last = first.clone();
    for _ in 0..2_000 {
        session.pass(20 * SECOND);
        let data = session.data(&vin).await?;
        let state = &data["charge_state"];
        highest = highest.max(number(state, "/battery_level")?);
        if state["charging_state"] != "Charging" {
            last = data;
            break;
        }
        let kw = number(state, "/charger_voltage")?
            * number(state, "/charger_actual_current")?
            * number(state, "/charger_phases")?
            / 1000.0;
        assert!(
            (kw - number(state, "/charger_power")?).abs() <= 0.5,
            "{state}"
        );
        let hours = number(state, "/time_to_full_charge")?;
        assert!((hours * 60.0 - number(state, "/minutes_to_full_charge")?).abs() < 1.0);
        let left = number(state, "/charge_limit_soc")? - number(state, "/battery_level")?;
        let rate = number(state, "/charger_power")? * 0.92 / capacity * 100.0;
        assert!(
            (hours - left / rate).abs() < 0.15 + 0.1 * hours,
            "{hours} h for {left} %"
        );
        assert!(number(&data, "/drive_state/power")? <= 0.0);
        kwh += kw * 20.0 / 3600.0;
        last = data;
    }
    let state = &last["charge_state"];
    assert_eq!(state["charging_state"], "Complete");
    assert_eq!(state["charge_limit_soc"], 80);
    assert_eq!(highest, 80.0);
    assert_eq!(state["charger_phases"], Value::Null);
    assert_eq!(state["charger_voltage"], 2);
    let added = number(state, "/charge_energy_added")?;
    assert!(added > 15.0, "{added} kWh");
    let gained =
        (number(state, "/battery_range")? - number(&first, "/charge_state/battery_range")?) / 327.0
            * capacity;
    assert!(
        (gained - added).abs() < 0.3,
        "the range says {gained}, charge_energy_added {added}"
    );
    assert!(
        (kwh * 0.92 / added - 1.0).abs() < 0.02,
        "volts and amps say {kwh}, {added} arrived"
    );
    let miles = number(state, "/charge_miles_added_rated")?;
    assert!((miles - added / capacity * 327.0).abs() < 0.2, "{miles}");
    Ok(())
}

#[tokio::test]
async fn direct_current_gives_power_but_neither_volts_nor_amps_nor_phases() -> Result {
    let settings = Settings {
        vehicles: 1,
        access_token_life: 2_000 * HOUR,
        ..still()
    };
    let session = Session::start(settings).await?;
    let vin = session.simulator.vins()[0].clone();
    // A weekend with a long trip comes within a month or two.
    for _ in 0..60 * 24 * 6 {
        session.pass(10 * MINUTE);
        let Some(data) = session.data_if_online(&vin).await? else {
            continue;
        };
        let state = &data["charge_state"];
        if state["fast_charger_present"] == true && state["charging_state"] == "Charging" {
            assert!(number(state, "/charger_power")? > 20.0);
            assert_eq!(state["charger_voltage"], 2);
            assert_eq!(state["charger_actual_current"], 0);
            assert!(state["charger_phases"].is_null());
            assert_eq!(state["fast_charger_brand"], "Tesla");
            return Ok(());
        }
    }
    Err("no direct current in two months".into())
}

#[tokio::test]
async fn cars_sleep_when_only_their_state_is_asked_and_not_when_their_data_are() -> Result {
    let run = async |data: bool| -> Result<Vec<Duration>> {
        let settings = Settings {
            access_token_life: 100 * HOUR,
            ..still()
        };
        let session = Session::start(settings).await?;
        let vins = session.simulator.vins();
        for _ in 0..24 * 60 {
            for vin in &vins {
                if session.state(vin).await? == "online" && data {
                    session.data_if_online(vin).await?;
                }
            }
            session.pass(MINUTE);
        }
        assert_eq!(session.simulator.wake_count(), 0);
        Ok(vins
            .iter()
            .filter_map(|vin| session.simulator.sleep(vin))
            .map(|s| s.slept)
            .collect())
    };
    for slept in run(false).await? {
        assert!(slept > 6 * HOUR, "left alone it slept {slept:?}");
    }
    assert_eq!(
        run(true).await?,
        [Duration::ZERO; 3],
        "polled each minute none slept"
    );
    Ok(())
}

#[tokio::test]
async fn the_same_seed_lives_the_same_life_and_another_another() -> Result {
    let run = async |seed: u64| -> Result<String> {
        let session = Session::start(Settings { seed, ..still() }).await?;
        let mut text = String::new();
        for _ in 0..12 {
            for vin in session.simulator.vins() {
                text += &session.ask(&vin).await?.text().await?;
            }
            session.pass(29 * MINUTE);
        }
        Ok(text)
    };
    let one = run(1).await?;
    assert_eq!(one, run(1).await?);
    assert_ne!(one, run(2).await?);
    Ok(())
}
