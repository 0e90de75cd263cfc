//! What must be exported of a vehicle_data answer, worked out from its JSON text and the list of
//! fields, without the observer's model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::samples::{self, Number, Sample};

const LIST: &str = include_str!("../../tesla-observer/fixtures/fields.csv");

/// What is known of a field.
#[derive(Debug)]
pub struct Field {
    /// Its kind.
    pub kind: Kind,
    /// The metric that it becomes.
    pub metric: &'static str,
    /// The unit, the states, or the attribute: by kind.
    pub detail: &'static str,
}

/// The kinds of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A float.
    Quantity,
    /// A whole number.
    Integer,
    /// A boolean.
    Truth,
    /// One of a few words.
    State,
    /// An attribute of an info metric.
    Text,
    /// The same, if private texts are asked for.
    PrivateText,
    /// Known, and not exported.
    NotRead,
}

/// The list of fields, by path.
pub static FIELDS: LazyLock<BTreeMap<&'static str, Field>> = LazyLock::new(|| {
    let field = |line: &'static str| {
        let cells: Vec<_> = line.split(',').collect();
        let [path, kind, metric, detail] = cells[..] else {
            panic!("four cells: {line}");
        };
        let kind = match kind {
            "quantity" => Kind::Quantity,
            "integer" => Kind::Integer,
            "truth" => Kind::Truth,
            "state" => Kind::State,
            "text" => Kind::Text,
            "private text" => Kind::PrivateText,
            "not read" => Kind::NotRead,
            other => panic!("{path} has the kind {other}"),
        };
        let field = Field {
            kind,
            metric,
            detail,
        };
        (path, field)
    };
    LIST.lines().skip(1).map(field).collect()
});

/// The name that a number, a truth or a state at this path must have: the object's name in one word,
/// and the field's.
pub fn literal_name(path: &str) -> String {
    let (section, rest) = path.split_once('.').expect("a field of an object");
    format!("{}_{}", section.replace('_', ""), rest.replace('.', "_"))
}

/// What an answer says of who the car is and who may use it, beside its seven objects: attributes of
/// all metrics, or nobody's business.
const NOT_EXPORTED: [&str; 24] = [
    "access_type",
    "api_version",
    "backseat_token",
    "backseat_token_updated_at",
    "ble_autopair_enrolled",
    "cached_data",
    "calendar_enabled",
    "charge_schedule_data",
    "color",
    "command_signing",
    "display_name",
    "granular_access",
    "id",
    "id_s",
    "in_service",
    "mobile_access_disabled",
    "option_codes",
    "preconditioning_schedule_data",
    "release_notes_supported",
    "state",
    "tokens",
    "user_id",
    "vehicle_id",
    "vin",
];

/// What must arrive of an answer.
#[derive(Debug, Default)]
pub struct Expected {
    /// The points, without the attributes that all of a car's have.
    pub samples: Vec<Sample>,
    /// Fields that are in no list.
    pub unlisted: Vec<String>,
    /// Fields whose value their kind cannot have.
    pub unread: Vec<String>,
}

impl Expected {
    /// The points of a car.
    pub fn of_car(&self, vehicle_id: &str, vin: &str) -> Vec<Sample> {
        let mut samples = self.samples.clone();
        for sample in &mut samples {
            let common = [("vehicle_id", vehicle_id), ("vin", vin)];
            let common = common.map(|(key, value)| (key.to_owned(), value.to_owned()));
            sample.attributes.extend(common);
        }
        samples
    }

    /// The lines of the points of a car, sorted.
    pub fn lines(&self, vehicle_id: &str, vin: &str) -> Vec<String> {
        samples::lines(&self.of_car(vehicle_id, vin))
    }
}

/// The `response` of an answer that has every listed field.
pub fn everything() -> String {
    let mut all = Value::Object(Map::new());
    for (nth, (path, field)) in FIELDS.iter().enumerate() {
        let value = match field.kind {
            Kind::Quantity => json!(nth as f64 + 0.1),
            Kind::Integer => json!(1_700_000_000_000_u64 + nth as u64),
            Kind::Truth => json!(nth % 2 == 0),
            Kind::State => {
                let states: Vec<_> = field.detail.split(' ').collect();
                let (word, _) = states[nth % states.len()]
                    .split_once('=')
                    .expect("spelling=state");
                word.parse::<i64>()
                    .map_or_else(|_| json!(word), |number| json!(number))
            }
            Kind::Text | Kind::PrivateText | Kind::NotRead => json!(format!("the {nth}th text")),
        };
        let at = path.split('.').fold(&mut all, |object, key| {
            let object = object
                .as_object_mut()
                .expect("no field is another's object");
            object
                .entry(key)
                .or_insert_with(|| Value::Object(Map::new()))
        });
        *at = value;
    }
    all.to_string()
}

/// What must be exported of the `response` of a vehicle_data answer.
///
/// # Panics
///
/// If it is no JSON object.
pub fn of_answer(response: &str, private_texts: bool) -> Expected {
    let mut leaves = Vec::new();
    walk(String::new(), response, &mut leaves);
    let mut expected = Expected::default();
    let mut infos: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    // A field that an answer has at two places: where it belongs counts.
    leaves.sort_by_key(|(path, _)| {
        FIELDS
            .get(path.as_str())
            .is_some_and(|own| !own.metric.starts_with(section(path)))
    });
    let mut done = BTreeSet::new();
    for (path, raw) in &leaves {
        let top = path.split('.').next().unwrap_or_default();
        if NOT_EXPORTED.contains(&top) {
            continue;
        }
        let Some(value) = Leaf::of(raw) else {
            continue;
        };
        let Some(Field {
            kind,
            metric,
            detail,
        }) = FIELDS.get(path.as_str())
        else {
            expected.unlisted.push(path.clone());
            continue;
        };
        let unit = if *kind == Kind::State { "" } else { detail };
        let points = match kind {
            Kind::NotRead => continue,
            Kind::PrivateText if !private_texts => continue,
            Kind::Text | Kind::PrivateText => {
                match value {
                    Leaf::Text(text) => {
                        let info = infos.entry(metric).or_default();
                        info.entry((*detail).to_owned()).or_insert(text);
                    }
                    _ => expected.unread.push(path.clone()),
                }
                continue;
            }
            Kind::Quantity => value.quantity().map(|own| vec![(None, Number::Float(own))]),
            Kind::Integer => value.integer().map(|own| vec![(None, Number::Int(own))]),
            Kind::Truth => value
                .truth()
                .map(|own| vec![(None, Number::Int(own.into()))]),
            Kind::State => value.state(detail),
        };
        let Some(points) = points else {
            expected.unread.push(path.clone());
            continue;
        };
        if !done.insert(*metric) {
            continue;
        }
        expected
            .samples
            .extend(points.into_iter().map(|(state, value)| {
                let state = state.map(|state| ("state".to_owned(), state));
                gauge(metric, unit, state.into_iter().collect(), value)
            }));
    }
    for (metric, attributes) in infos {
        expected
            .samples
            .push(gauge(metric, "", attributes, Number::Int(1)));
    }
    expected
}

/// What must be exported of every car: whether it can be asked, and what it does when it has answered
/// this once; without an answer it does what its state says.
pub fn of_availability(state: &str, answer: Option<&str>) -> Expected {
    let mut samples = vec![gauge(
        "vehicle_state_online",
        "",
        BTreeMap::new(),
        Number::Int(i64::from(state == "online")),
    )];
    let mut states = |metric: &str, all: &[&str], present: &str| {
        for one in all {
            let attributes = BTreeMap::from([("state".to_owned(), (*one).to_owned())]);
            let present = Number::Int(i64::from(*one == present));
            samples.push(gauge(metric, "", attributes, present));
        }
    };
    let all = ["online", "asleep", "offline", "in_service", "unknown"];
    states("vehicle_state", &all, state);
    let all = [
        "start",
        "asleep",
        "offline",
        "idle",
        "suspended",
        "driving",
        "charging",
        "updating",
        "in_service",
        "removed",
    ];
    let present = match answer {
        Some(answer) => activity(answer),
        None => state,
    };
    states("vehicle_activity", &all, present);
    Expected {
        samples,
        ..Expected::default()
    }
}

/// What a car does that answers this.
fn activity(answer: &str) -> &'static str {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |path: &str| {
        let text = answer.pointer(path).and_then(Value::as_str);
        text.unwrap_or_default().to_lowercase()
    };
    let speed = answer.pointer("/drive_state/speed").and_then(Value::as_f64);
    let gear = text("/drive_state/shift_state");
    let charging = text("/charge_state/charging_state");
    if text("/vehicle_state/software_update/status") == "installing" {
        "updating"
    } else if speed.is_some_and(|speed| speed > 0.0) || ["d", "n", "r"].contains(&gear.as_str()) {
        "driving"
    } else if ["charging", "starting", "calibrating"].contains(&charging.as_str()) {
        "charging"
    } else {
        "idle"
    }
}

fn gauge(metric: &str, unit: &str, attributes: BTreeMap<String, String>, value: Number) -> Sample {
    Sample {
        name: metric.to_owned(),
        kind: "gauge",
        unit: unit.to_owned(),
        attributes,
        value,
        time: 0,
    }
}

/// The prefix of the object that the path begins with.
fn section(path: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("charge_state.", "chargestate_"),
        ("climate_state.", "climatestate_"),
        ("closures_state.", "closuresstate_"),
        ("drive_state.", "drivestate_"),
        ("gui_settings.", "guisettings_"),
        ("vehicle_config.", "vehicleconfig_"),
        ("vehicle_state.", "vehiclestate_"),
    ];
    let found = PREFIXES.iter().find(|(object, _)| path.starts_with(object));
    found.map_or("", |(_, prefix)| prefix)
}

/// All that is no object, with its path, as it is written.
fn walk(path: String, raw: &str, leaves: &mut Vec<(String, String)>) {
    if !raw.trim_start().starts_with('{') {
        leaves.push((path, raw.to_owned()));
        return;
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw).expect("JSON");
    for (key, value) in fields {
        let path = if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        };
        walk(path, value.get(), leaves);
    }
}

/// A value, its number as it is written: what a JSON library makes of it is not at issue.
enum Leaf {
    Bool(bool),
    Number(String),
    Text(String),
    Other,
}

impl Leaf {
    /// `None` for what stands for no value.
    fn of(raw: &str) -> Option<Self> {
        match raw.as_bytes() {
            b"null" => None,
            b"true" => Some(Leaf::Bool(true)),
            b"false" => Some(Leaf::Bool(false)),
            [b'"', ..] => {
                let text: String = serde_json::from_str(raw).expect("JSON");
                let none = text.trim().is_empty() || text.trim() == "<invalid>";
                (!none).then_some(Leaf::Text(text))
            }
            [b'-' | b'0'..=b'9', ..] => Some(Leaf::Number(raw.to_owned())),
            _ => Some(Leaf::Other),
        }
    }

    fn digits(&self) -> Option<&str> {
        match self {
            Leaf::Number(digits) | Leaf::Text(digits) => Some(digits.trim()),
            _ => None,
        }
    }

    fn quantity(&self) -> Option<f64> {
        self.digits()?.parse().ok()
    }

    fn integer(&self) -> Option<i64> {
        if let Leaf::Bool(level) = self {
            return Some(i64::from(*level));
        }
        let digits = self.digits()?;
        let whole = digits
            .split_once('.')
            .map_or(Some(digits), |(whole, rest)| {
                rest.bytes().all(|digit| digit == b'0').then_some(whole)
            });
        whole?.parse().ok()
    }

    fn truth(&self) -> Option<bool> {
        match self {
            Leaf::Bool(truth) => Some(*truth),
            Leaf::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Leaf::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            other => other.quantity().map(|number| number != 0.0),
        }
    }

    /// A point for each of the states `spelling=state …`, 1 for the present one.
    fn state(&self, list: &str) -> Option<Vec<(Option<String>, Number)>> {
        let word = match self {
            Leaf::Text(text) => text.clone(),
            other => other.integer()?.to_string(),
        };
        let plain = |word: &str| word.replace(['_', '-', '/', ' '], "").to_lowercase();
        let pairs = list
            .split(' ')
            .map(|pair| pair.split_once('=').expect("spelling=state"));
        let present = pairs.clone().find_map(|(spelling, state)| {
            [spelling, state]
                .iter()
                .any(|own| plain(own) == plain(&word))
                .then_some(state)
        })?;
        let states: BTreeSet<&str> = pairs.map(|(_, state)| state).collect();
        let point = |state: &str| {
            let value = Number::Int(i64::from(state == present));
            (Some(state.to_owned()), value)
        };
        Some(states.into_iter().map(point).collect())
    }
}
