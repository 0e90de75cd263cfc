//! What a car's owner does: where they go on which day, and when.

use super::fleet::Identity;
use super::random::Random;
use super::route::Point;
use super::settings::Habits;
use super::weather::DAY_MS;

/// Where a car stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Home,
    Work,
    Shop,
    Supercharger,
}

impl Place {
    pub(super) fn point(self, identity: &Identity) -> Point {
        match self {
            Self::Home => identity.home,
            Self::Work => identity.work,
            Self::Shop => identity.shop,
            Self::Supercharger => identity.supercharger,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Work => "Work",
            Self::Shop => "Shop",
            Self::Supercharger => "Supercharger",
        }
    }
}

/// An intended drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trip {
    /// When the owner means to set out, ms.
    pub(super) at: i64,
    pub(super) from: Place,
    pub(super) to: Place,
}

const HOUR: f64 = 3_600_000.0;

/// The trips of a local day, in order.
pub(super) fn trips(identity: &Identity, day: i64) -> Vec<Trip> {
    let mut random = Random::new(identity.seed, &[identity.index, 0xDA, day.unsigned_abs()]);
    let midnight = day
        .saturating_mul(DAY_MS)
        .saturating_sub(identity.utc_offset * 1000);
    let at = |hours: f64| midnight.saturating_add((hours * HOUR) as i64);
    let there_and_back = |out: f64, back: f64, to: Place| {
        [
            Trip {
                at: at(out),
                from: Place::Home,
                to,
            },
            Trip {
                at: at(back),
                from: to,
                to: Place::Home,
            },
        ]
    };
    let mut trips = Vec::new();
    match identity.habits {
        Habits::Usual => {}
        Habits::Idle => return trips,
        Habits::RoadTrip => {
            let mut from = Place::Home;
            let mut hours = random.between(7.5, 8.5);
            for to in [
                Place::Supercharger,
                Place::Work,
                Place::Supercharger,
                Place::Shop,
                Place::Supercharger,
                Place::Home,
            ] {
                let at = at(hours);
                trips.push(Trip { at, from, to });
                (from, hours) = (to, hours + random.between(1.2, 1.4));
            }
            return trips;
        }
    }
    // Day 0 was a Thursday.
    let weekend = matches!(day.rem_euclid(7), 2 | 3);
    if weekend {
        if random.chance(0.4) {
            let out = random.between(9.0, 10.5);
            trips.extend(there_and_back(
                out,
                out + random.between(2.2, 4.0),
                Place::Supercharger,
            ));
        } else if random.chance(0.85) {
            let out = random.between(10.0, 15.0);
            trips.extend(there_and_back(
                out,
                out + random.between(0.7, 1.6),
                Place::Shop,
            ));
        }
    } else {
        let (out, back) = (random.between(7.0, 8.6), random.between(16.4, 17.8));
        trips.extend(there_and_back(out, back, Place::Work));
        if random.chance(0.3) {
            let out = random.between(19.0, 19.6);
            trips.extend(there_and_back(
                out,
                out + random.between(0.5, 1.0),
                Place::Shop,
            ));
        }
    }
    trips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_on_the_road_charges_on_the_way_and_comes_home_and_an_idle_one_stands() {
        let mut identity = Identity::new(1, 1);
        identity.habits = Habits::RoadTrip;
        for day in 20_000..20_030 {
            let trips = trips(&identity, day);
            let charges = trips.iter().filter(|trip| trip.to == Place::Supercharger);
            assert_eq!((trips.len(), charges.count()), (6, 3));
            assert!(trips.windows(2).all(|two| two[0].to == two[1].from));
            assert_eq!(trips.last().map(|trip| trip.to), Some(Place::Home));
        }
        identity.habits = Habits::Idle;
        assert_eq!(trips(&identity, 20_000), []);
    }

    #[test]
    fn each_day_starts_and_ends_at_home_in_order() {
        let identity = Identity::new(1, 0);
        let mut kinds = [0; 4];
        for day in 20_000..20_365 {
            let mut place = Place::Home;
            let mut before = i64::MIN;
            for trip in trips(&identity, day) {
                assert_eq!(trip.from, place);
                assert!(trip.at > before);
                assert_eq!(identity.local_ms(trip.at).div_euclid(DAY_MS), day);
                (place, before) = (trip.to, trip.at);
                kinds[trip.to as usize] += 1;
            }
            assert_eq!(place, Place::Home);
        }
        assert!(kinds.iter().all(|n| *n > 20), "{kinds:?}: goes everywhere");
        assert_eq!(trips(&identity, 20_100), trips(&identity, 20_100));
    }
}
