//! Where a car is at home, and how far away from it: worked out here, without any map.

use std::collections::HashMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::history::{Query, ReadError, Reader, Readers};

/// How often it is worked out anew.
const AGAIN: Duration = Duration::from_secs(600);
/// The same where it is not known: a history that has just begun may tell soon.
const SOON: Duration = Duration::from_secs(30);
/// How far back.
const DAYS: i64 = 60;
/// Places are told apart by this much: about 110 m from south to north.
const CELL: f64 = 0.001;
/// Nearer than this, in metres, it is at home: the receiver in the car, and the length of a street.
const AT_HOME: f64 = 150.0;

/// Where cars are at home, as far as it is known. Clones are handles to the same.
#[derive(Clone, Debug)]
pub(crate) struct Homes {
    found: Arc<Mutex<HashMap<String, Found>>>,
    /// One is looked for after the other: those who look at charts do not wait for all cars of a fleet.
    turn: Arc<Semaphore>,
}

impl Default for Homes {
    fn default() -> Self {
        Self {
            found: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

#[derive(Debug)]
struct Found {
    at: Instant,
    home: Option<Place>,
}

/// A place, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

/// Where a car is, seen from home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Where {
    AtHome,
    Away { metres: f64, degrees: f64 },
}

impl Homes {
    /// Where it is at home, as it was found last. It is looked for in the background: no page waits.
    pub(super) fn of(&self, key: &str, readers: Option<&Readers>, now: i64) -> Option<Place> {
        let readers = readers?;
        let mut homes = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = homes.get(key);
        let home = found.and_then(|found| found.home);
        let again = if home.is_some() { AGAIN } else { SOON };
        if found.is_some_and(|found| found.at.elapsed() < again) {
            return home;
        }
        let at = Instant::now();
        homes.insert(key.to_owned(), Found { at, home });
        let (own, readers, key) = (self.clone(), readers.clone(), key.to_owned());
        tokio::spawn(async move {
            let vehicle = key.clone();
            let _turn = own.turn.acquire().await;
            let found = readers
                .read(move |reader| home_of(reader, &vehicle, now))
                .await;
            let mut homes = own.found.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Ok(Some(home)), Some(found)) = (found, homes.get_mut(&key)) {
                found.home = Some(home);
            }
        });
        home
    }
}

/// Home is where it was charged for the longest time, but not by direct current, which nobody has at
/// home.
fn home_of(reader: &Reader, vehicle: &str, now: i64) -> Result<Option<Place>, ReadError> {
    let query = |metric| Query {
        vehicle,
        metric,
        from_ms: now - DAYS * 86_400_000,
        to_ms: now,
    };
    let held = |metric| {
        let series = reader.series(query(metric))?;
        let values = series.into_iter().flat_map(|own| own.values);
        Ok::<_, ReadError>(values.collect::<Vec<_>>())
    };
    let (latitudes, longitudes) = (held("drivestate_latitude")?, held("drivestate_longitude")?);
    let fast = held("chargestate_fast_charger_present")?;
    let at = |values: &[crate::history::Held], time: i64| {
        let after = values.partition_point(|held| held.from_ms <= time);
        values.get(after.checked_sub(1)?).map(|held| held.value)
    };
    let mut cells: HashMap<(i64, i64), (f64, Place)> = HashMap::new();
    for series in reader.series(query("chargestate_charging_state"))? {
        let state = series.attributes.iter().find(|(key, _)| key == "state");
        if state.is_none_or(|(_, state)| state != "charging") {
            continue;
        }
        for held in series.values.iter().filter(|held| held.value == 1.0) {
            let middle = held.from_ms + (held.until_ms - held.from_ms) / 2;
            let place = at(&latitudes, middle).zip(at(&longitudes, middle));
            let Some((latitude, longitude)) = place else {
                continue;
            };
            if at(&fast, middle) == Some(1.0) {
                continue;
            }
            let cell = (
                (latitude / CELL).round() as i64,
                (longitude / CELL).round() as i64,
            );
            let place = Place {
                latitude,
                longitude,
            };
            let entry = cells.entry(cell).or_insert((0.0, place));
            entry.0 += ((held.until_ms - held.from_ms) as f64).max(1.0);
        }
    }
    let longest = cells
        .into_values()
        .max_by(|one, other| one.0.total_cmp(&other.0));
    Ok(longest.map(|(_, place)| place))
}

/// Where a place is, seen from home.
pub(super) fn seen_from(home: Place, place: Place) -> Where {
    const METRES_PER_DEGREE: f64 = 6_371_008.8 * PI / 180.0;
    let radians = |degrees: f64| degrees * PI / 180.0;
    let (south, north) = (radians(home.latitude), radians(place.latitude));
    let east = radians(place.longitude - home.longitude);
    // The great circle, by haversines.
    let half = ((north - south) / 2.0).sin().powi(2)
        + south.cos() * north.cos() * (east / 2.0).sin().powi(2);
    let metres = 2.0 * half.sqrt().clamp(0.0, 1.0).asin() * METRES_PER_DEGREE * 180.0 / PI;
    if metres < AT_HOME {
        return Where::AtHome;
    }
    let towards = (east.sin() * north.cos())
        .atan2(south.cos() * north.sin() - south.sin() * north.cos() * east.cos());
    Where::Away {
        metres,
        degrees: (towards * 180.0 / PI).rem_euclid(360.0),
    }
}

/// A direction in words.
pub(super) fn direction(degrees: f64) -> &'static str {
    const NAMES: [&str; 8] = [
        "north",
        "north-east",
        "east",
        "south-east",
        "south",
        "south-west",
        "west",
        "north-west",
    ];
    let index = (degrees / 45.0).round() as usize % NAMES.len();
    NAMES.get(index).copied().unwrap_or("north")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BERLIN: Place = Place {
        latitude: 52.520_0,
        longitude: 13.405_0,
    };

    #[test]
    fn a_place_is_seen_from_home_by_its_distance_and_direction() {
        let paris = Place {
            latitude: 48.856_6,
            longitude: 2.352_2,
        };
        let Where::Away { metres, degrees } = seen_from(BERLIN, paris) else {
            panic!("it is far away");
        };
        // The great circle is 877 km long and begins towards 246°.
        assert!((metres - 877_500.0).abs() < 1_000.0, "{metres}");
        assert!((degrees - 246.0).abs() < 1.0, "{degrees}");
        assert_eq!(direction(degrees), "south-west");
        assert_eq!(
            [0.0, 350.0, 359.9, 91.0].map(direction),
            ["north", "north", "north", "east"]
        );
        let next_door = Place {
            latitude: BERLIN.latitude + 0.001,
            ..BERLIN
        };
        assert_eq!(seen_from(BERLIN, next_door), Where::AtHome);
    }

    proptest! {
        #[test]
        fn every_place_is_somewhere(
            latitude in -90.0_f64..=90.0, longitude in -180.0_f64..=180.0,
            other in -90.0_f64..=90.0, another in -180.0_f64..=180.0,
        ) {
            let place = Place { latitude, longitude };
            let other = Place { latitude: other, longitude: another };
            if let Where::Away { metres, degrees } = seen_from(place, other) {
                prop_assert!((AT_HOME..20_016_000.0).contains(&metres), "{}", metres);
                prop_assert!((0.0..=360.0).contains(&degrees), "{}", degrees);
                direction(degrees);
            }
        }
    }
}
