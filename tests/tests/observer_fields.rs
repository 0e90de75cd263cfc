//! Every field of a vehicle_data body arrives, over each protocol, with its exact value, unit, name
//! and attributes; nothing is missing and nothing is extra. The program is the real one, asks over
//! real HTTP and sends to a real receiver.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use metric_tests::fields::{self, FIELDS, Kind, literal_name};
use metric_tests::observer::Observer;
use metric_tests::receiver::{self, Received};
use metric_tests::samples::{Sample, assert_same, lines, of_cars};
use metric_tests::tesla::{Car, Tesla};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tesla_observer::catalog::{Backend, catalog};
use tesla_observer::simulator::{Settings, Simulator};
use tokio::runtime::Runtime;

const FIXTURES: [(&str, &str); 3] = [
    (
        "driving, 2024",
        include_str!("../../tesla-observer/fixtures/model_y_2024_driving.json"),
    ),
    (
        "charging, old firmware",
        include_str!("../../tesla-observer/fixtures/model_s_2016_charging.json"),
    ),
    (
        "idle, new firmware",
        include_str!("../../tesla-observer/fixtures/model_3_2026_idle.json"),
    ),
];

/// A receiver for a protocol, and its endpoint.
fn receiver(runtime: &Runtime, protocol: &str) -> (String, Received) {
    let (address, received) = match protocol {
        "grpc" => runtime.block_on(receiver::grpc()),
        _ => runtime.block_on(receiver::http()),
    };
    (format!("http://{address}"), received)
}

/// The car with this answer, by the VIN that the answer has.
fn car_saying(response: &str, name: Option<&str>) -> Car {
    let json: Value = serde_json::from_str(response).expect("JSON");
    let vin = json["vin"].as_str().expect("the fixtures have VINs");
    Car::saying(vin, name, response)
}

/// The lines that must arrive of a car that says this.
fn expected(vehicle_id: &str, vin: &str, response: &str, private_texts: bool) -> Vec<String> {
    let answer = fields::of_answer(response, private_texts);
    assert_eq!(answer.unlisted, [""; 0], "{vehicle_id}");
    assert_eq!(answer.unread, [""; 0], "{vehicle_id}");
    let mut lines = answer.lines(vehicle_id, vin);
    lines.extend(fields::of_availability("online", Some(response)).lines(vehicle_id, vin));
    lines
}

fn every_field_arrives(protocol: &str, private_texts: bool) {
    let runtime = Runtime::new().expect("a runtime");
    let (endpoint, received) = receiver(&runtime, protocol);
    let mut answers = FIXTURES.map(|(_, answer)| answer.to_owned()).to_vec();
    let cars = FIXTURES.iter().enumerate().map(|(nth, (name, answer))| {
        // One has no name: its VIN stands for it.
        car_saying(answer, (nth > 0).then_some(*name))
    });
    let mut cars: Vec<Car> = cars.collect();
    answers.push(fields::everything());
    cars.push(Car::saying(
        "LRW00000000000004",
        Some("every field"),
        &answers[3],
    ));
    let tesla = runtime.block_on(Tesla::start(cars));
    tesla
        .observer()
        .otlp(protocol, &endpoint)
        .with("TESLA_OBSERVER_PRIVATE_TEXTS", private_texts)
        .once_well();

    let samples = of_cars(&received.requests());
    let mut all = Vec::new();
    for (car, answer) in tesla.cars().iter().zip(&answers) {
        all.extend(expected(car.vehicle_id(), &car.vin, answer, private_texts));
    }
    assert!(all.len() > 800, "{}: the fixtures say much", all.len());
    assert_same(protocol, &lines(&samples), &all);
    as_the_catalogue_says(&samples);
    for sample in &samples {
        assert!(sample.time > 1_700_000_000_000_000_000, "{}", sample.line());
    }
}

/// What `tesla-observer metrics` lists is what arrives.
fn as_the_catalogue_says(samples: &[Sample]) {
    let catalog = catalog(Backend::default());
    for sample in samples {
        let listed = catalog.metrics().find(|own| own.name() == sample.name);
        let listed = listed.unwrap_or_else(|| panic!("{} is not listed", sample.name));
        assert_eq!(
            (listed.instrument().as_str(), listed.unit()),
            (sample.kind, sample.unit.as_str()),
            "{listed:?}"
        );
        let mut keys: Vec<&str> = sample.attributes.keys().map(String::as_str).collect();
        let said = listed.attributes().iter();
        let mut said: Vec<&str> = said.map(|attribute| attribute.key()).collect();
        if sample.name.ends_with("_info") {
            // An attribute for each text that the answer has.
            said.retain(|key| keys.contains(key));
        }
        keys.sort_unstable();
        said.sort_unstable();
        assert_eq!(said, keys, "{listed:?}");
    }
}

#[test]
fn every_field_arrives_over_http_protobuf() {
    every_field_arrives("http/protobuf", false);
}

#[test]
fn every_field_arrives_over_http_json_private_texts_too_when_asked_for() {
    every_field_arrives("http/json", true);
}

#[test]
fn every_field_arrives_over_grpc() {
    every_field_arrives("grpc", false);
}

/// All of the simulator's models, at several times of the day: what a second question over HTTP gets,
/// while its clock stands, is what has arrived.
#[test]
fn every_field_of_the_simulators_cars_arrives() {
    let runtime = Runtime::new().expect("a runtime");
    let start = UNIX_EPOCH + Duration::from_secs(1_780_300_800);
    let settings = Settings {
        vehicles: 24,
        speed: 0.0,
        start: Some(start),
        ..Settings::default()
    };
    let simulator = runtime
        .block_on(Simulator::start(settings))
        .expect("a free port");
    let api = simulator.url().to_string();
    let http = reqwest::blocking::Client::new();
    let ask = |token: &SecretString, path: &str| {
        let request = http.get(format!("{api}api/1/{path}"));
        let answer = request.bearer_auth(token.expose_secret()).send();
        answer
            .and_then(|answer| answer.error_for_status()?.text())
            .expect("an answer")
    };
    let mut seen = BTreeSet::new();
    let mut states = BTreeSet::new();
    for round in 0..6 {
        let protocol = ["http/protobuf", "grpc", "http/json"][round % 3];
        // The day is longer than a token's life.
        let token = simulator.issue_tokens().access_token;
        let (endpoint, received) = receiver(&runtime, protocol);
        let observer = Observer::of(&api, token.expose_secret()).otlp(protocol, &endpoint);
        observer.once_well();
        let mut all = Vec::new();
        for vin in simulator.vins() {
            let car: Value =
                serde_json::from_str(&ask(&token, &format!("vehicles/{vin}"))).expect("JSON");
            let name = car["response"]["display_name"]
                .as_str()
                .unwrap_or(&vin)
                .to_owned();
            let state = car["response"]["state"]
                .as_str()
                .expect("a state")
                .to_owned();
            if state == "online" {
                let all_of_it = "charge_state;climate_state;closures_state;drive_state;\
                                 gui_settings;location_data;charge_schedule_data;\
                                 preconditioning_schedule_data;vehicle_config;vehicle_state";
                let body = ask(
                    &token,
                    &format!("vehicles/{vin}/vehicle_data?endpoints={all_of_it}"),
                );
                let response = body.strip_prefix(r#"{"response":"#);
                let response = response.and_then(|rest| rest.strip_suffix('}'));
                let response = response.expect("Tesla's envelope");
                all.extend(expected(&name, &vin, response, false));
            } else {
                all.extend(fields::of_availability(&state, None).lines(&name, &vin));
            }
            states.insert(state);
        }
        let samples = of_cars(&received.requests());
        assert_same(protocol, &lines(&samples), &all);
        seen.extend(samples.into_iter().map(|sample| sample.name));
        simulator.clock().advance(Duration::from_secs(4 * 3600));
    }
    assert!(states.contains("online"), "{states:?}");
    let first = include_str!("../names-of-the-first-version.txt");
    let unseen: Vec<_> = first.lines().filter(|name| !seen.contains(*name)).collect();
    assert_eq!(
        unseen, [""; 0],
        "the simulator says all that the first version exported"
    );
    assert_eq!(simulator.wake_count(), 0);
    runtime.block_on(simulator.shutdown());
}

/// Fields whose metric is not named after their path, and why.
const OTHER_NAMES: [(&str, &str); 1] = [
    // Some gateways have this object's name in the field, too.
    (
        "vehicle_state.vehicle_state_sun_roof_percent_open",
        "vehiclestate_sun_roof_percent_open",
    ),
];

#[test]
fn names_are_the_objects_and_the_fields() {
    let mut wrong = Vec::new();
    for (path, field) in FIELDS.iter() {
        let other = OTHER_NAMES.iter().find(|(own, _)| own == path);
        let name = other.map_or_else(|| literal_name(path), |(_, name)| (*name).to_owned());
        let right = match field.kind {
            Kind::NotRead => field.metric.is_empty(),
            Kind::Text | Kind::PrivateText => field.metric.ends_with("_info"),
            _ => field.metric == name,
        };
        if !right {
            wrong.push(format!("{path} is {}", field.metric));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// The `vehicle_data` answers in a folder: an answer, or its `response`.
fn answers(folder: &Path, named: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !name.ends_with(".json") || !named(name) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        #[derive(serde::Deserialize)]
        struct Answer<'a> {
            #[serde(borrow, default)]
            response: Option<&'a serde_json::value::RawValue>,
        }
        let answer: Answer<'_> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let response = answer.response.map_or(text.as_str(), |own| own.get());
        let json: Value = serde_json::from_str(response).expect("read above");
        // Other answers may lie beside them.
        if json
            .get("charge_state")
            .or(json.get("vehicle_state"))
            .is_some()
        {
            found.push((name.to_owned(), response.to_owned()));
        }
    }
    found
}

/// Real answers, served and observed: every number and truth in them arrives as it is.
///
/// `TESLA_SAMPLES` names a folder of one's own.
#[test]
fn every_number_of_the_samples_arrives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut samples = answers(&root.join("samples"), |_| true);
    assert!(!samples.is_empty(), "there are samples beside this test");
    let shared = root.join("../../shared/samples");
    if shared.is_dir() {
        samples.extend(answers(&shared, |name| name.starts_with("vd_")));
    }
    if let Some(own) = std::env::var_os("TESLA_SAMPLES") {
        let own = answers(Path::new(&own), |_| true);
        assert!(
            !own.is_empty(),
            "TESLA_SAMPLES has no vehicle_data answer (*.json)"
        );
        samples.extend(own);
    }

    let runtime = Runtime::new().expect("a runtime");
    let (endpoint, received) = receiver(&runtime, "http/protobuf");
    // Several may be of one car, and each is to be a car of its own.
    let vin = |nth| format!("SAMPLE{nth:011}");
    for (nth, (_, response)) in samples.iter_mut().enumerate() {
        let answer: Value = serde_json::from_str(response).expect("JSON");
        if let Some(own) = answer["vin"].as_str().filter(|own| !own.is_empty()) {
            *response = response.replace(own, &vin(nth));
        }
    }
    let cars = samples
        .iter()
        .enumerate()
        .map(|(nth, (name, response))| Car::saying(&vin(nth), Some(name), response));
    let tesla = runtime.block_on(Tesla::start(cars.collect()));
    tesla
        .observer()
        .otlp("http/protobuf", &endpoint)
        .once_well();

    let arrived = of_cars(&received.requests());
    for (car, (name, response)) in tesla.cars().iter().zip(&samples) {
        let own: Vec<Sample> = arrived
            .iter()
            .filter(|sample| sample.attribute("vin") == car.vin)
            .cloned()
            .collect();
        let answer = fields::of_answer(response, false);
        // A number or a truth that no list has would be lost. Words may be new.
        assert_eq!(answer.unlisted, [""; 0], "{name}");
        let mut all = answer.lines(name, &car.vin);
        all.extend(fields::of_availability("online", Some(response)).lines(name, &car.vin));
        assert_same(name, &lines(&own), &all);
    }
}
