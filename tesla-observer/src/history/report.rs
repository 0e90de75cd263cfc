//! What one vehicle reported at one time.

use std::sync::Arc;

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use sha2::{Digest as _, Sha256};

use super::texts::{Kept, Texts};

/// The attribute of a vehicle's name.
pub(crate) const VEHICLE_ID: &str = "vehicle_id";
/// The attribute of its VIN.
pub(crate) const VIN: &str = "vin";

/// A vehicle, as its series call it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vehicle {
    /// Its display name, as the demo had it. It may be anything that its owner typed.
    pub vehicle_id: String,
    /// Its VIN, or the hash of it, unless neither is exported.
    pub vin: Option<String>,
}

impl Vehicle {
    /// What it is called in addresses: short, the same for as long as the VIN is, also if its name
    /// changes, and the same with and without a history.
    pub fn key(&self) -> String {
        let identity = self.vin.as_ref().unwrap_or(&self.vehicle_id);
        let hash = Sha256::digest(identity.as_bytes());
        hash.iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// What a metric is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Metric {
    /// Its name: `chargestate_battery_level`.
    pub name: String,
    /// Its unit, in UCUM; empty if it has none.
    pub unit: String,
    /// What it means.
    pub description: String,
}

/// Attributes other than the vehicle's, sorted by key: `state`, `wheel`.
pub type Attributes = Vec<(String, String)>;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Of what.
    pub metric: Arc<Metric>,
    /// With which attributes.
    pub attributes: Arc<Attributes>,
    /// The value.
    pub value: f64,
}

/// Attributes as a JSON object. They are sorted, so that the same ones are the same text.
pub(crate) fn to_json(attributes: &Attributes) -> String {
    let object: serde_json::Map<_, _> = attributes
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    serde_json::Value::Object(object).to_string()
}

/// Attributes from their JSON object.
pub(super) fn from_json(json: &str) -> Attributes {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(json).unwrap_or_default();
    object
        .into_iter()
        .map(|(key, value)| match value {
            serde_json::Value::String(text) => (key, text),
            other => (key, other.to_string()),
        })
        .collect()
}

/// All that one vehicle reported at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Which vehicle.
    pub vehicle: Vehicle,
    /// When, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// What. Each series once.
    pub values: Vec<Observed>,
}

impl Report {
    /// The value of a metric without attributes, or its first.
    pub fn value(&self, metric: &str) -> Option<f64> {
        let mut values = self.values.iter();
        let found = values.find(|observed| observed.metric.name == metric);
        found.map(|observed| observed.value)
    }

    /// Which state a state set is in: the attribute `state` of the series that is 1.
    pub fn state(&self, metric: &str) -> Option<&str> {
        let mut values = self.values.iter();
        let found = values.find(|observed| observed.metric.name == metric && observed.value == 1.0);
        found.and_then(|observed| observed.attribute("state"))
    }

    /// An attribute of an info metric: `vehicle_info` has the software's version.
    pub fn info(&self, metric: &str, attribute: &str) -> Option<&str> {
        let mut values = self.values.iter();
        let found = values.find(|observed| observed.metric.name == metric);
        found.and_then(|observed| observed.attribute(attribute))
    }
}

impl Observed {
    /// An attribute's value.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// The reports in an export, one for each vehicle. What belongs to no vehicle is left out.
pub fn reports(metrics: &ResourceMetrics, texts: &Texts) -> Vec<Report> {
    texts.with(|texts| reports_with(metrics, texts))
}

fn reports_with(metrics: &ResourceMetrics, texts: &mut Kept) -> Vec<Report> {
    let mut reports: Vec<Report> = Vec::new();
    for scope in metrics.scope_metrics() {
        for metric in scope.metrics() {
            let of = texts.metric(Metric {
                name: metric.name().to_owned(),
                unit: metric.unit().to_owned(),
                description: metric.description().to_owned(),
            });
            points(metric.data(), &mut |time_ms, attributes, value| {
                add(&mut reports, texts, &of, time_ms, attributes, value);
            });
        }
    }
    reports
}

fn add(
    reports: &mut Vec<Report>,
    texts: &mut Kept,
    metric: &Arc<Metric>,
    time_ms: i64,
    attributes: &mut dyn Iterator<Item = &KeyValue>,
    value: f64,
) {
    let mut vehicle_id = None;
    let mut vin = None;
    let mut others = Attributes::new();
    for KeyValue { key, value, .. } in attributes {
        match key.as_str() {
            VEHICLE_ID => vehicle_id = Some(text(value)),
            VIN => vin = Some(text(value)),
            key => others.push((key.to_owned(), text(value))),
        }
    }
    let Some(vehicle_id) = vehicle_id else {
        return;
    };
    others.sort();
    let vehicle = Vehicle { vehicle_id, vin };
    // Few vehicles are in one export.
    let index = reports.iter().position(|report| report.vehicle == vehicle);
    let index = index.unwrap_or_else(|| {
        reports.push(Report {
            vehicle,
            time_ms,
            values: Vec::new(),
        });
        reports.len() - 1
    });
    if let Some(report) = reports.get_mut(index) {
        report.values.push(Observed {
            metric: Arc::clone(metric),
            attributes: texts.attributes(others),
            value,
        });
    }
}

fn text(value: &Value) -> String {
    value.as_str().into_owned()
}

type Take<'a> = &'a mut dyn FnMut(i64, &mut dyn Iterator<Item = &KeyValue>, f64);

/// Each point of gauges and sums. Vehicles report no others.
fn points(data: &AggregatedMetrics, take: Take<'_>) {
    match data {
        AggregatedMetrics::F64(data) => numbers(data, |value| value, take),
        AggregatedMetrics::I64(data) => numbers(data, |value| value as f64, take),
        AggregatedMetrics::U64(data) => numbers(data, |value| value as f64, take),
    }
}

fn numbers<T: Copy>(data: &MetricData<T>, number: impl Fn(T) -> f64, take: Take<'_>) {
    match data {
        MetricData::Gauge(gauge) => {
            for point in gauge.data_points() {
                take(
                    unix_ms(gauge.time()),
                    &mut point.attributes(),
                    number(point.value()),
                );
            }
        }
        MetricData::Sum(sum) => {
            for point in sum.data_points() {
                take(
                    unix_ms(sum.time()),
                    &mut point.attributes(),
                    number(point.value()),
                );
            }
        }
        MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => {}
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn unix_ms(time: std::time::SystemTime) -> i64 {
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(error) => i64::try_from(error.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}
