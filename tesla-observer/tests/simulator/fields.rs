use std::collections::BTreeSet;

use serde_json::Value;
use tesla_observer::simulator::Settings;

use crate::support::{HOUR, MINUTE, Result, Session, still};

fn has(data: &Value, path: &str) -> bool {
    path.split('.')
        .try_fold(data, |value, name| value.get(name))
        .is_some()
}

/// The data of every car, over two weeks, whenever it is online.
async fn two_weeks(mut see: impl FnMut(usize, &Value)) -> Result {
    let settings = Settings {
        vehicles: 4,
        access_token_life: 1_000 * HOUR,
        ..still()
    };
    let session = Session::start(settings).await?;
    let vins = session.simulator.vins();
    for _ in 0..14 * 24 * 4 {
        for (car, vin) in vins.iter().enumerate() {
            if let Some(data) = session.data_if_online(vin).await? {
                see(car, &data);
            }
        }
        session.pass(15 * MINUTE + std::time::Duration::from_secs(7));
    }
    Ok(())
}

#[tokio::test]
async fn every_known_field_is_served_by_some_car() -> Result {
    let mut missing: BTreeSet<&str> = include_str!("fields.txt")
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(missing.len(), 290);
    two_weeks(|_, data| missing.retain(|path| !has(data, path))).await?;
    assert!(missing.is_empty(), "{missing:#?}");
    Ok(())
}

#[tokio::test]
async fn every_field_of_a_sub_state_is_known() -> Result {
    let known: BTreeSet<&str> = include_str!("fields.txt").lines().collect();
    let mut unknown = BTreeSet::new();
    two_weeks(|_, data| {
        for part in known
            .iter()
            .filter_map(|path| path.split_once('.'))
            .map(|(part, _)| part)
        {
            for (name, value) in data[part].as_object().into_iter().flatten() {
                let path = format!("{part}.{name}");
                if !value.is_object() && !known.contains(path.as_str()) {
                    unknown.insert(path);
                }
            }
        }
    })
    .await?;
    assert!(unknown.is_empty(), "{unknown:#?}");
    Ok(())
}

#[tokio::test]
async fn firmware_differs_in_fields_and_types() -> Result {
    let session = Session::start(Settings {
        vehicles: 4,
        ..still()
    })
    .await?;
    let mut cars = Vec::new();
    for vin in session.simulator.vins() {
        cars.push(session.data(&vin).await?);
    }
    let [recent, latest, old, middle] = &cars[..] else {
        return Err("four cars".into());
    };
    assert!(old["charge_state"].get("charge_amps").is_none());
    assert!(old["vehicle_state"].get("tpms_pressure_fl").is_none());
    assert!(middle["vehicle_state"]["tpms_pressure_fl"].is_null());
    assert!(recent["vehicle_state"]["tpms_pressure_fl"].is_f64());
    assert!(latest["charge_state"].get("est_battery_range").is_none());
    assert!(
        latest["charge_state"]
            .get("off_peak_hours_end_time")
            .is_none()
    );
    assert!(recent["charge_state"]["est_battery_range"].is_f64());
    assert!(
        old["climate_state"]["max_avail_temp"].is_i64(),
        "28, not 28.0"
    );
    assert!(recent["climate_state"]["max_avail_temp"].is_f64(), "28.0");
    assert!(old["climate_state"]["seat_heater_left"].is_boolean());
    assert!(recent["climate_state"]["seat_heater_left"].is_i64());
    assert!(old["drive_state"]["speed"].is_null() && old["drive_state"]["shift_state"].is_null());
    assert_eq!(latest["drive_state"]["speed"], 0);
    assert_eq!(old["charge_state"]["fast_charger_type"], "<invalid>");
    Ok(())
}
