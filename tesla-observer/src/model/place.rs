//! Where the car is, told less exactly or not at all.

use super::{DriveState, EvMetrics};
use crate::privacy::Location;

impl EvMetrics {
    /// Takes out what `location` does not allow to be told.
    ///
    /// With anything but [`Location::Exact`], the heading goes, too, because with the speed it draws
    /// the route; the destination's name, because it is an address; and the native position: two
    /// positions that are rounded in different systems narrow each other down.
    pub(super) fn withhold(&mut self, location: Location) {
        if location == Location::Exact {
            return;
        }
        if let Some(drive) = &mut self.drive_state {
            drive.withhold(location);
        }
        if location == Location::Off
            && let Some(car) = &mut self.vehicle_state
        {
            // It says: at home.
            car.homelink_nearby = None;
        }
    }
}

impl DriveState {
    fn withhold(&mut self, location: Location) {
        for coordinate in [
            &mut self.latitude,
            &mut self.longitude,
            &mut self.active_route_latitude,
            &mut self.active_route_longitude,
        ] {
            *coordinate = coordinate
                .filter(|_| location == Location::Rounded)
                .and_then(rounded);
        }
        self.native_latitude = None;
        self.native_longitude = None;
        self.heading = None;
        self.active_route.active_route_destination = None;
    }
}

/// With two decimals: at most 560 m away in each direction. What is no coordinate is withheld.
fn rounded(degrees: f64) -> Option<f64> {
    // Adding 0 takes the sign off a zero.
    (-180.0..=180.0)
        .contains(&degrees)
        .then(|| (degrees * 100.0).round() / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use metric_core::MetricCollector as _;
    use metric_core::testing::{Points, observe};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{PrivateText, ReadOptions, read};

    const ANSWER: &str = r#"{
        "drive_state": {"latitude": 52.123456, "longitude": "-0.001", "native_latitude": 52.1234,
            "native_longitude": 9.6543, "native_type": "wgs", "native_location_supported": 1,
            "heading": 271, "speed": 31, "active_route_latitude": 48.858222,
            "active_route_longitude": 2.2945, "active_route_destination": "Tour Eiffel",
            "active_route_miles_to_arrival": 12.5},
        "vehicle_state": {"homelink_nearby": true, "homelink_device_count": 2}
    }"#;

    fn metrics(location: Location) -> EvMetrics {
        let options = ReadOptions {
            private_texts: true,
            location,
        };
        read(ANSWER, options).expect("an object").metrics
    }

    #[test]
    fn exact_withholds_nothing() {
        let drive = metrics(Location::Exact).drive_state.expect("it is there");
        assert_eq!(drive.latitude, Some(52.123456));
        assert_eq!(drive.native_longitude, Some(9.6543));
        assert_eq!(drive.heading, Some(271.0));
        assert!(drive.active_route.active_route_destination.is_some());
    }

    #[test]
    fn rounded_has_two_decimals_and_nothing_that_narrows_them_down() {
        let metrics = metrics(Location::Rounded);
        let drive = metrics.drive_state.expect("it is there");
        assert_eq!((drive.latitude, drive.longitude), (Some(52.12), Some(0.0)));
        assert!(drive.longitude.is_some_and(f64::is_sign_positive));
        assert_eq!(drive.active_route_latitude, Some(48.86));
        assert_eq!(drive.active_route_longitude, Some(2.29));
        assert_eq!(
            (drive.native_latitude, drive.native_longitude),
            (None, None)
        );
        assert_eq!(drive.heading, None);
        assert_eq!(
            drive.active_route.active_route_destination,
            None::<PrivateText>
        );
        let car = metrics.vehicle_state.expect("it is there");
        assert_eq!(car.homelink_nearby, Some(true));
    }

    #[test]
    fn off_withholds_every_place_and_nothing_else() {
        let metrics = metrics(Location::Off);
        let drive = metrics.drive_state.expect("it is there");
        assert_eq!((drive.latitude, drive.longitude), (None, None));
        assert_eq!(
            (drive.native_latitude, drive.native_longitude),
            (None, None)
        );
        assert_eq!(drive.active_route_latitude, None);
        assert_eq!(drive.active_route_longitude, None);
        assert_eq!(drive.heading, None);
        assert_eq!(
            drive.active_route.active_route_destination,
            None::<PrivateText>
        );
        assert_eq!(drive.speed, Some(31.0));
        assert_eq!(drive.active_route_miles_to_arrival, Some(12.5));
        let car = metrics.vehicle_state.expect("it is there");
        assert_eq!(car.homelink_nearby, None);
        assert_eq!(car.homelink_device_count, Some(2));
    }

    /// What an answer with every field of the catalogue exports.
    fn points_of_all(location: Location) -> Points {
        let mut answer = json!({});
        for line in include_str!("../../fixtures/fields.csv").lines().skip(1) {
            let mut cells = line.split(',');
            let (path, kind) = (cells.next().unwrap_or_default(), cells.next());
            let value = match kind {
                Some("quantity") => json!(41.625),
                Some("integer") => json!(7),
                Some("truth") => json!(true),
                Some("text" | "private text") => json!("Some text"),
                _ => continue,
            };
            let mut place = &mut answer;
            for key in path.split('.') {
                if place.is_null() {
                    *place = json!({});
                }
                place = &mut place[key];
            }
            *place = value;
        }
        let options = ReadOptions {
            private_texts: true,
            location,
        };
        let reading = read(&Value::to_string(&answer), options).expect("an object");
        observe(&reading.metrics)
    }

    #[test]
    fn no_metric_of_the_catalogue_that_tells_a_place_is_exported_with_off() {
        let words = ["latitude", "longitude", "heading", "destination", "nearby"];
        let tells = |name: &str| words.iter().any(|word| name.contains(word));
        let places: Vec<String> = EvMetrics::SCHEMA
            .entries()
            .filter(|entry| entry.metric.unit() == "deg" || tells(entry.name.as_str()))
            .map(|entry| entry.name.as_str().to_owned())
            .collect();
        assert!(places.len() >= 8, "{places:?}");
        let exact = points_of_all(Location::Exact);
        let rounded = points_of_all(Location::Rounded);
        let off = points_of_all(Location::Off);
        let value = |points: &Points, name: &str| points.value(name);
        for name in &places {
            assert!(value(&exact, name).is_some(), "{name} has a value");
            assert_eq!(value(&off, name), None, "{name}");
            let is_coordinate = name.ends_with("itude") && !name.contains("native");
            let wanted = match value(&rounded, name) {
                Some(_) if name.ends_with("nearby") => continue,
                Some(_) if is_coordinate => Some(41.63.into()),
                _ => None,
            };
            assert_eq!(value(&rounded, name), wanted, "{name}");
        }
        let named = |points: &Points| {
            let attributes = points.iter().flat_map(|point| &point.attributes);
            let keys = attributes.map(|attribute| attribute.key.as_str());
            keys.filter(|key| tells(key)).count()
        };
        assert_eq!(
            (named(&exact), named(&rounded), named(&off)),
            (1, 0, 0),
            "the destination"
        );
    }

    proptest! {
        #[test]
        fn what_is_rounded_has_no_more_than_two_decimals(degrees in any::<f64>()) {
            if let Some(rounded) = rounded(degrees) {
                let text = rounded.to_string();
                let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                prop_assert!(decimals <= 2, "{}", text);
                prop_assert!((rounded - degrees).abs() <= 0.005 + 1e-9);
            } else {
                prop_assert!(!(-180.0..=180.0).contains(&degrees));
            }
        }

        #[test]
        fn every_coordinate_has_no_more_than_two_decimals(degrees in -180.0..=180.0_f64) {
            let text = rounded(degrees).expect("a coordinate").to_string();
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            prop_assert!(decimals <= 2, "{}", text);
        }
    }
}
