//! A collector that uses every feature of the derive, with a value for all of it, and what must
//! arrive at a backend.

// Some fields have no documentation on purpose: their metrics have no description.
#![allow(missing_docs)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32};
use std::time::{Duration, SystemTime};

use metric_core::{Measurement, MetricCollector, MetricState, MetricValue, Shape};

/// What the charger is doing.
#[derive(Clone, Copy, Debug, MetricState)]
pub enum Charging {
    /// No cable.
    Disconnected,
    /// Energy flows.
    Charging,
    /// The limit is reached.
    #[metric(name = "full")]
    Complete,
}

/// A newtype that is measured in what it wraps.
#[derive(Clone, Copy, Debug)]
pub struct Celsius(pub f64);

impl MetricValue for Celsius {
    const SHAPE: Shape = f64::SHAPE;
    const UNIT: &'static str = "Cel";

    fn measure(&self) -> Measurement {
        self.0.measure()
    }
}

/// An alias, which the derive sees only as a name.
pub type Percent = Option<i64>;

/// One of each.
///
/// This second paragraph is not part of any description.
#[derive(Debug, MetricCollector)]
#[metric(prefix = "all", separator = "_", attributes(make = "Acme", service.tier = 2))]
pub struct Everything {
    /// State of charge
    /// shown to the driver.
    ///
    /// Not this.
    #[metric(unit = "%")]
    pub level: Percent,
    /// A description that an option replaces.
    #[metric(name = "power.now", unit = "kW", description = "Power at the plug.")]
    pub power: f64,
    #[metric(counter, unit = "kW.h")]
    pub energy: Option<f64>,
    #[metric(counter, unit = "{charge}")]
    pub charges: u32,
    #[metric(up_down_counter, unit = "{passenger}")]
    pub passengers: u8,
    #[metric(up_down_counter, unit = "V")]
    pub offset: f32,
    #[metric(gauge)]
    pub locked: bool,
    #[metric]
    pub r#type: Option<NonZeroU16>,
    #[metric]
    pub charging: Charging,
    #[metric]
    pub outside: Celsius,
    #[metric]
    pub remaining: Duration,
    #[metric]
    pub since: SystemTime,
    #[metric(with = Vec::len, unit = "{alert}")]
    pub alerts: Vec<String>,
    #[metric]
    pub negative: Arc<AtomicI32>,
    #[metric]
    pub awake: Box<AtomicBool>,
    #[metric]
    pub absent: Option<i128>,
    /// The vehicle identification number.
    #[metric(attribute)]
    pub vin: String,
    #[metric(attribute = "model.year")]
    pub year: u16,
    #[metric(info)]
    pub version: Cow<'static, str>,
    #[metric(info = "car_type")]
    pub r#trim: Option<&'static str>,
    #[metric(flatten)]
    pub climate: Climate,
    #[metric(flatten(prefix = "rear"))]
    pub rear: Option<Box<Climate>>,
    #[metric(flatten(key = "wheel"))]
    pub wheels: [Wheel; 2],
    #[metric(flatten(key = "door"))]
    pub doors: HashMap<String, Door>,
    #[metric(flatten(prefix = "pack", key = "cell"))]
    pub cells: BTreeMap<u8, Cell>,
    /// Not observed.
    pub note: &'static str,
}

/// The climate.
#[derive(Debug, MetricCollector)]
#[metric(prefix = "climate", attributes(zone = "cabin"))]
pub struct Climate {
    /// Temperature inside.
    #[metric(unit = "Cel")]
    pub inside: f64,
}

/// A wheel.
#[derive(Debug, MetricCollector)]
pub struct Wheel {
    /// Pressure of the tyre.
    #[metric(unit = "bar")]
    pub pressure: Option<f64>,
}

/// A door.
#[derive(Debug, MetricCollector)]
pub struct Door {
    #[metric]
    pub open: bool,
}

/// A cell, as a tuple.
#[derive(Debug, MetricCollector)]
pub struct Cell(#[metric(name = "voltage", unit = "V")] pub f64);

/// A value of which everything is present but what is meant to be absent.
pub fn everything() -> Everything {
    let door = |name: &str, open| (name.to_owned(), Door { open });
    Everything {
        level: Some(72),
        power: 11.5,
        energy: Some(1234.25),
        charges: 17,
        passengers: 2,
        offset: -0.5,
        locked: true,
        r#type: NonZeroU16::new(3),
        charging: Charging::Charging,
        outside: Celsius(-7.5),
        remaining: Duration::from_millis(90_500),
        since: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        alerts: vec!["low washer fluid".to_owned()],
        negative: Arc::new(AtomicI32::new(-40)),
        awake: Box::new(AtomicBool::new(false)),
        absent: None,
        vin: "5YJ0".to_owned(),
        year: 2024,
        version: Cow::Borrowed("2026.38.1"),
        r#trim: Some("P90D"),
        climate: Climate { inside: 21.5 },
        rear: Some(Box::new(Climate { inside: 20.0 })),
        wheels: [
            Wheel {
                pressure: Some(2.9),
            },
            Wheel { pressure: None },
        ],
        doors: HashMap::from([door("left", true), door("right", false)]),
        cells: BTreeMap::from([(1, Cell(3.75)), (2, Cell(3.5))]),
        note: "not observed",
    }
}

/// A point that must arrive: name, kind, unit, description, attributes beyond the common ones,
/// value (`i` for an integer, `f` for a float).
pub type Expected = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// The attributes of all points.
pub const COMMON: [(&str, &str); 5] = [
    ("fleet", "north"),
    ("make", "Acme"),
    ("model.year", "2024"),
    ("service.tier", "2"),
    ("vin", "5YJ0"),
];

/// The attribute that the member adds.
pub const MEMBER: (&str, &str) = ("fleet", "north");

const GAUGE: &str = "gauge";
const COUNTER: &str = "monotonic cumulative sum";
const UP_DOWN: &str = "cumulative sum";

/// All points of [`everything`].
pub const EXPECTED: &[Expected] = &[
    (
        "all_level",
        GAUGE,
        "%",
        "State of charge shown to the driver.",
        &[],
        "i72",
    ),
    (
        "all_power.now",
        GAUGE,
        "kW",
        "Power at the plug.",
        &[],
        "f11.5",
    ),
    ("all_energy", COUNTER, "kW.h", "", &[], "f1234.25"),
    ("all_charges", COUNTER, "{charge}", "", &[], "i17"),
    ("all_passengers", UP_DOWN, "{passenger}", "", &[], "i2"),
    ("all_offset", UP_DOWN, "V", "", &[], "f-0.5"),
    ("all_locked", GAUGE, "", "", &[], "i1"),
    ("all_type", GAUGE, "", "", &[], "i3"),
    (
        "all_charging",
        GAUGE,
        "",
        "",
        &[("state", "disconnected")],
        "i0",
    ),
    (
        "all_charging",
        GAUGE,
        "",
        "",
        &[("state", "charging")],
        "i1",
    ),
    ("all_charging", GAUGE, "", "", &[("state", "full")], "i0"),
    ("all_outside", GAUGE, "Cel", "", &[], "f-7.5"),
    ("all_remaining", GAUGE, "s", "", &[], "f90.5"),
    ("all_since", GAUGE, "s", "", &[], "f1700000000"),
    ("all_alerts", GAUGE, "{alert}", "", &[], "i1"),
    ("all_negative", GAUGE, "", "", &[], "i-40"),
    ("all_awake", GAUGE, "", "", &[], "i0"),
    (
        "all_info",
        GAUGE,
        "",
        "One of each.",
        &[("version", "2026.38.1"), ("car_type", "P90D")],
        "i1",
    ),
    (
        "climate.inside",
        GAUGE,
        "Cel",
        "Temperature inside.",
        &[("zone", "cabin")],
        "f21.5",
    ),
    (
        "rear_climate.inside",
        GAUGE,
        "Cel",
        "Temperature inside.",
        &[("zone", "cabin")],
        "f20",
    ),
    (
        "wheel.pressure",
        GAUGE,
        "bar",
        "Pressure of the tyre.",
        &[("wheel", "0")],
        "f2.9",
    ),
    ("door.open", GAUGE, "", "", &[("door", "left")], "i1"),
    ("door.open", GAUGE, "", "", &[("door", "right")], "i0"),
    (
        "pack_cell.voltage",
        GAUGE,
        "V",
        "",
        &[("cell", "1")],
        "f3.75",
    ),
    (
        "pack_cell.voltage",
        GAUGE,
        "V",
        "",
        &[("cell", "2")],
        "f3.5",
    ),
];

/// [`EXPECTED`] as lines of text, sorted, in the form of [`line()`].
pub fn expected() -> Vec<String> {
    let mut lines: Vec<String> = EXPECTED
        .iter()
        .map(|(name, kind, unit, description, own, value)| {
            let attributes = COMMON.iter().chain(*own);
            let attributes =
                attributes.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            line(name, kind, unit, description, attributes.collect(), value)
        })
        .collect();
    lines.sort();
    lines
}

/// A point as a line of text, for comparing whole exports.
pub fn line(
    name: &str,
    kind: &str,
    unit: &str,
    description: &str,
    attributes: BTreeMap<String, String>,
    value: &str,
) -> String {
    format!("{name} | {kind} | {unit} | {description} | {attributes:?} | {value}")
}
