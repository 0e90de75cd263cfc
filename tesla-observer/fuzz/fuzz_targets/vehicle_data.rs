//! No bytes make the reader of vehicle_data panic, and none in the place of one field take a good
//! sibling away, nor does any make it tell more of a place than it may.

#![no_main]

use libfuzzer_sys::fuzz_target;
use metric_core::testing::observe;
use tesla_observer::model::{Glance, ReadOptions, Reading, read};
use tesla_observer::privacy::Location;

const OPTIONS: ReadOptions = ReadOptions {
    private_texts: true,
    location: Location::Exact,
};

/// More than one answer can be told to be.
const MAX_UNREAD: usize = 1000;

fuzz_target!(|bytes: &[u8]| {
    let input = String::from_utf8_lossy(bytes);
    if let Ok(reading) = read(&input, OPTIONS) {
        use_all(&reading);
        places(&input, &reading);
    }
    // A JSON value is also tried in the place of fields of each type, of a part and of a sub-state,
    // with siblings before and after it.
    if serde_json::from_str::<&serde_json::value::RawValue>(&input).is_ok() {
        as_field(&input);
        as_sub_state(&input);
    }
});

fn use_all(reading: &Reading) {
    let _ = reading.metrics.glance();
    let points = observe(&reading.metrics);
    assert!(points.dropped().is_empty(), "{:?}", points.dropped());
    assert!(reading.unread.len() <= MAX_UNREAD);
    assert!(
        reading
            .unread
            .iter()
            .all(|unread| unread.field.len() < 2000)
    );
}

/// With less of its places, the same is read.
fn places(input: &str, exact: &Reading) {
    for location in [Location::Rounded, Location::Off] {
        let options = ReadOptions {
            location,
            ..OPTIONS
        };
        let reading = read(input, options).expect("it was read before");
        assert_eq!(reading.unread, exact.unread);
        let nearby = |reading: &Reading| {
            let car = reading.metrics.vehicle_state.as_ref();
            car.and_then(|car| car.homelink_nearby)
        };
        // It says: at home.
        let told = (location == Location::Rounded).then(|| nearby(exact));
        assert_eq!(nearby(&reading), told.flatten());
        let Some(drive) = &reading.metrics.drive_state else {
            assert_eq!(exact.metrics.drive_state, None);
            continue;
        };
        assert!(drive.heading.is_none());
        assert!(drive.native_latitude.is_none() && drive.native_longitude.is_none());
        assert!(drive.active_route.active_route_destination.is_none());
        let coordinates = [
            drive.latitude,
            drive.longitude,
            drive.active_route_latitude,
            drive.active_route_longitude,
        ];
        for degrees in coordinates.into_iter().flatten() {
            assert_eq!(location, Location::Rounded);
            let text = degrees.to_string();
            let decimals = text
                .split_once('.')
                .map_or(0, |(_, decimals)| decimals.len());
            assert!(decimals <= 2, "{text}");
        }
    }
}

fn as_field(value: &str) {
    let answer = format!(
        r#"{{"vehicle_state":{{"odometer":1234.5,"homelink_device_count":{value},"locked":{value},
        "car_version":{value},"dashcam_state":{value},"tpms_pressure_fl":{value},
        "software_update":{value},"unheard_of":{value},"api_version":71}}}}"#
    );
    let reading = read(&answer, OPTIONS).expect("an object with a value in it");
    use_all(&reading);
    let car = reading.metrics.vehicle_state.expect("the object is there");
    assert_eq!(car.odometer, Some(1234.5));
    assert_eq!(car.api_version, Some(71));
}

fn as_sub_state(value: &str) {
    let answer = format!(
        r#"{{"charge_state":{{"battery_level":72}},"climate_state":{value},
        "vehicle_config":{value},"drive_state":{{"speed":31}}}}"#
    );
    let reading = read(&answer, OPTIONS).expect("an object with a value in it");
    use_all(&reading);
    let charge = reading.metrics.charge_state.expect("the object is there");
    assert_eq!(charge.battery_level, Some(72.0));
    let drive = reading.metrics.drive_state.expect("the object is there");
    assert_eq!(drive.speed, Some(31.0));
}
