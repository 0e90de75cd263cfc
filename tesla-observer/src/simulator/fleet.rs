//! Which cars there are: models, firmware, batteries, names, and what their owners are used to.

use super::charge::Outlet;
use super::drive::Body;
use super::random::Random;
use super::route::Point;
use super::settings::Habits;

/// What a firmware puts into its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Era {
    /// Until about 2018: few fields, whole numbers without a decimal point.
    Old,
    /// 2020 to 2022.
    Middle,
    /// From 2023.38: coordinates only where `location_data` is asked for.
    Recent,
    /// 2026: `est_battery_range` and `off_peak_hours_end_time` are gone.
    Latest,
}

/// A model with its physics and its firmware.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) era: Era,
    /// The first eight characters of its VINs.
    pub(super) vin_start: &'static str,
    pub(super) year: char,
    pub(super) car_type: &'static str,
    pub(super) trim: &'static str,
    pub(super) color: &'static str,
    pub(super) wheels: &'static str,
    pub(super) versions: &'static [&'static str],
    pub(super) api_version: i64,
    /// kWh
    pub(super) capacity: f64,
    /// Rated and ideal range at 100 %, miles.
    pub(super) rated_miles: f64,
    pub(super) ideal_miles: f64,
    pub(super) body: Body,
    pub(super) eu: bool,
    pub(super) home: Outlet,
    /// What it says for three phases: many European cars say 2.
    pub(super) phases_said: i64,
    pub(super) dc_kw: f64,
    pub(super) sun_roof: bool,
    /// Whether the additional fields that some gateways have are there.
    pub(super) extras: bool,
}

impl Model {
    /// Whether coordinates need `location_data`.
    pub(super) fn hides_location(&self) -> bool {
        self.era >= Era::Recent
    }
}

pub(super) static MODELS: [Model; 4] = [
    Model {
        era: Era::Recent,
        vin_start: "LRW3S7EK",
        year: 'P',
        car_type: "model3",
        trim: "74d",
        color: "MidnightSilver",
        wheels: "Pinwheel18CapKit",
        versions: &[
            "2023.44.30.8 1a2b3c4d5e6f",
            "2024.2.7 2b3c4d5e6f70",
            "2024.8.9 3c4d5e6f7081",
        ],
        api_version: 71,
        capacity: 76.0,
        rated_miles: 318.0,
        ideal_miles: 318.0,
        body: Body {
            mass: 1_930.0,
            drag_area: 0.52,
        },
        eu: true,
        home: Outlet::Ac {
            volts: 230.0,
            amps: 16,
            phases: 3,
        },
        phases_said: 2,
        dc_kw: 190.0,
        sun_roof: false,
        extras: false,
    },
    Model {
        era: Era::Latest,
        vin_start: "XP7YGCEE",
        year: 'S',
        car_type: "modely",
        trim: "74d",
        color: "PearlWhite",
        wheels: "Apollo19",
        versions: &[
            "2026.20.3 4d5e6f708192",
            "2026.26.1 5e6f708192a3",
            "2026.32.5 6f708192a3b4",
        ],
        api_version: 93,
        capacity: 77.5,
        rated_miles: 327.0,
        ideal_miles: 327.0,
        body: Body {
            mass: 2_080.0,
            drag_area: 0.60,
        },
        eu: true,
        home: Outlet::Ac {
            volts: 230.0,
            amps: 16,
            phases: 3,
        },
        phases_said: 3,
        dc_kw: 210.0,
        sun_roof: false,
        extras: false,
    },
    Model {
        era: Era::Old,
        vin_start: "5YJSA1H2",
        year: 'F',
        car_type: "s",
        trim: "85",
        color: "Black",
        wheels: "Base19",
        versions: &["2.20.30", "2.22.37", "2.24.30"],
        api_version: 3,
        capacity: 72.0,
        rated_miles: 248.0,
        ideal_miles: 310.0,
        body: Body {
            mass: 2_180.0,
            drag_area: 0.58,
        },
        eu: false,
        home: Outlet::Ac {
            volts: 240.0,
            amps: 40,
            phases: 1,
        },
        phases_said: 1,
        dc_kw: 105.0,
        sun_roof: true,
        extras: false,
    },
    Model {
        era: Era::Middle,
        vin_start: "5YJXCBE2",
        year: 'K',
        car_type: "modelx",
        trim: "100d",
        color: "DeepBlue",
        wheels: "AeroTurbine20",
        versions: &[
            "2022.8.10.1 708192a3b4c5",
            "2022.12.3.2 8192a3b4c5d6",
            "2022.20.7 92a3b4c5d6e7",
        ],
        api_version: 36,
        capacity: 95.0,
        rated_miles: 295.0,
        ideal_miles: 366.0,
        body: Body {
            mass: 2_540.0,
            drag_area: 0.64,
        },
        eu: false,
        home: Outlet::Ac {
            volts: 240.0,
            amps: 32,
            phases: 1,
        },
        phases_said: 1,
        dc_kw: 140.0,
        sun_roof: true,
        extras: true,
    },
];

/// When a plugged-in car starts to charge at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChargeStart {
    /// As soon as it is plugged in.
    AtOnce,
    /// At this minute after local midnight.
    At(i64),
}

/// One car: what never changes.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) index: u64,
    pub(super) seed: u64,
    pub(super) model: &'static Model,
    pub(super) vin: String,
    /// Above 2⁵³, as Tesla's are.
    pub(super) id: i64,
    pub(super) vehicle_id: i64,
    pub(super) name: Option<String>,
    pub(super) home: Point,
    pub(super) work: Point,
    pub(super) shop: Point,
    pub(super) supercharger: Point,
    /// Seconds east of UTC.
    pub(super) utc_offset: i64,
    /// The year's mean temperature, °C.
    pub(super) mean_temperature: f64,
    pub(super) charge_start: ChargeStart,
    pub(super) limit: i64,
    pub(super) sentry_at_work: bool,
    pub(super) preheats: bool,
    pub(super) deep_garage: bool,
    /// It looks online for some minutes of each hour that it sleeps.
    pub(super) looks_online: bool,
    pub(super) habits: Habits,
}

const NAMES: [Option<&str>; 4] = [
    Some("Polaris"),
    Some("Schneewittchen ❄️"),
    None,
    Some("Old Faithful"),
];

/// Towns that are nobody's: latitude, longitude, hours east of UTC, mean temperature.
const TOWNS: [(f64, f64, i64, f64); 4] = [
    (52.08, 9.61, 1, 9.5),
    (47.41, 8.93, 1, 9.0),
    (44.87, -120.52, -8, 11.0),
    (60.42, 11.21, 1, 5.5),
];

impl Identity {
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let mut random = Random::new(seed, &[index, 0x1D]);
        let kind = (index % 4) as usize;
        let model = &MODELS[kind];
        let (latitude, longitude, hours, mean_temperature) = TOWNS[kind];
        let town = Point {
            latitude,
            longitude,
        };
        let home = town.moved(random.between(-9e3, 9e3), random.between(-9e3, 9e3));
        let around = |random: &mut Random, near: f64, far: f64| {
            let (way, angle) = (
                random.between(near, far),
                random.between(0.0, std::f64::consts::TAU),
            );
            home.moved(way * angle.sin(), way * angle.cos())
        };
        let work = around(&mut random, 9e3, 32e3);
        let shop = around(&mut random, 2.5e3, 7e3);
        let supercharger = around(&mut random, 62e3, 85e3);
        let round = index / 4;
        Self {
            index,
            seed,
            model,
            // Z is no check digit: no real car can have this number.
            vin: format!(
                "{}Z{}F{:06}",
                model.vin_start,
                model.year,
                (900_001 + index) % 1_000_000
            ),
            id: 26_000_000_000_000_000
                + (random.below(900_000_000_000) * 1_000 + index % 1_000) as i64,
            vehicle_id: 1_000_000_000 + (random.below(400_000) * 2_000 + index % 2_000) as i64,
            name: NAMES[kind].map(|name| match round {
                0 => name.to_owned(),
                n => format!("{name} {}", n + 1),
            }),
            home,
            work,
            shop,
            supercharger,
            utc_offset: hours * 3600,
            mean_temperature,
            charge_start: match kind {
                0 => ChargeStart::At(23 * 60 + 30),
                3 => ChargeStart::At(60),
                _ => ChargeStart::AtOnce,
            },
            limit: [80, 80, 90, 85][kind],
            sentry_at_work: kind == 0,
            preheats: kind != 2,
            deep_garage: kind == 3,
            looks_online: kind == 2,
            habits: Habits::Usual,
        }
    }

    /// Local time in ms, as if it were UTC.
    pub(super) fn local_ms(&self, ms: i64) -> i64 {
        ms.saturating_add(self.utc_offset * 1000)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_thousand_cars_have_a_thousand_identities_of_the_right_shape() {
        let cars: Vec<Identity> = (0..1_000).map(|i| Identity::new(1, i)).collect();
        assert_eq!(
            cars.iter().map(|c| &c.vin).collect::<HashSet<_>>().len(),
            1_000
        );
        assert_eq!(
            cars.iter().map(|c| c.id).collect::<HashSet<_>>().len(),
            1_000
        );
        assert_eq!(
            cars.iter()
                .map(|c| c.vehicle_id)
                .collect::<HashSet<_>>()
                .len(),
            1_000
        );
        for car in &cars {
            assert_eq!(car.vin.len(), 17, "{}", car.vin);
            assert!(
                car.vin
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            );
            assert!(car.id > 1 << 53);
        }
        assert!(cars.iter().any(|c| c.name.is_none()));
        assert!(cars.iter().flat_map(|c| &c.name).any(|n| !n.is_ascii()));
    }
}
