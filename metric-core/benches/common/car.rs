//! A struct of everything that a collector can have.

use std::collections::{BTreeMap, HashMap};

use metric_core::{MetricCollector, MetricState};

/// A car with its parts.
#[derive(Clone, Debug, Default, MetricCollector)]
#[metric(attributes(maker = "none"))]
pub(crate) struct Car {
    /// The trim, an attribute of all its metrics.
    #[metric(attribute)]
    trim: Option<String>,
    /// The software that runs.
    #[metric(info)]
    software: String,
    /// The colour.
    #[metric(info)]
    colour: Option<String>,
    /// The charging plug.
    #[metric]
    plug: Option<Plug>,
    /// The distance driven.
    #[metric(unit = "m", counter)]
    distance: f64,
    /// The tyres, by their place.
    #[metric(flatten(key = "wheel"))]
    tyres: HashMap<String, Tyre>,
    /// The doors, by their number.
    #[metric(flatten(key = "door"))]
    doors: Vec<Door>,
    /// The seats, by their name.
    #[metric(flatten(key = "seat"))]
    seats: BTreeMap<&'static str, Seat>,
    /// The climate.
    #[metric(flatten)]
    climate: Climate,
}

/// The charging plug of a car.
#[derive(Clone, Copy, Debug, MetricState)]
enum Plug {
    Out,
    Waiting,
    Charging,
}

/// A tyre.
#[derive(Clone, Debug, Default, MetricCollector)]
struct Tyre {
    /// Its pressure.
    #[metric(unit = "bar")]
    pressure: Option<f64>,
    /// Its maker, an attribute of its metrics.
    #[metric(attribute = "tyre_maker")]
    maker: String,
}

/// A door.
#[derive(Clone, Debug, Default, MetricCollector)]
struct Door {
    /// Whether it is open.
    #[metric]
    open: bool,
}

/// A seat.
#[derive(Clone, Debug, Default, MetricCollector)]
struct Seat {
    /// How much it is heated.
    #[metric]
    heating: u8,
}

/// The climate.
#[derive(Clone, Debug, Default, MetricCollector)]
struct Climate {
    /// The temperature inside.
    #[metric(unit = "Cel")]
    inside: Option<f64>,
}

impl Car {
    /// Other values for every `seed`, of the same parts; its map is made anew, in another order.
    pub(crate) fn sample(seed: u64) -> Self {
        let states = [Plug::Out, Plug::Waiting, Plug::Charging];
        let value = seed as f64;
        Car {
            trim: Some("P100D".to_owned()),
            software: "2026.44.3".to_owned(),
            colour: Some("red".to_owned()),
            plug: states.get(seed as usize % states.len()).copied(),
            distance: value,
            tyres: ["front left", "front right", "rear left", "rear right"]
                .map(|wheel| (wheel.to_owned(), Tyre::sample(value)))
                .into(),
            doors: vec![Door::default(); 4],
            seats: ["driver", "passenger"]
                .map(|seat| (seat, Seat::default()))
                .into(),
            climate: Climate {
                inside: Some(value),
            },
        }
    }
}

impl Tyre {
    fn sample(value: f64) -> Self {
        Tyre {
            pressure: Some(value),
            maker: "round and black".to_owned(),
        }
    }
}
