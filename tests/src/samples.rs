//! What arrived over OTLP as plain lines: names, attributes, kinds, units and values, compared whole.

use std::collections::BTreeMap;
use std::fmt;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{
    HistogramDataPoint, Metric, NumberDataPoint, metric, number_data_point,
};

use crate::receiver::texts;

/// A value, in the number type in which it is sent.
#[derive(Clone, Copy, PartialEq)]
pub enum Number {
    /// Whole.
    Int(i64),
    /// A float. Two are the same if they have the same bits, but for the sign of 0.
    Float(f64),
}

impl Number {
    /// As a float.
    pub fn float(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "i{value}"),
            // As many digits as tell it from every other float.
            Number::Float(value) => write!(f, "f{:?}", value + 0.0),
        }
    }
}

/// A point as it is on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The metric's name.
    pub name: String,
    /// `gauge`, `sum` or `histogram`.
    pub kind: &'static str,
    /// The metric's unit.
    pub unit: String,
    /// The attributes.
    pub attributes: BTreeMap<String, String>,
    /// The value; of a histogram the count.
    pub value: Number,
    /// When it was collected, in nanoseconds since the Unix epoch.
    pub time: u64,
}

impl Sample {
    /// All of it but the time, as a line.
    pub fn line(&self) -> String {
        let Sample {
            name,
            kind,
            unit,
            attributes,
            value,
            ..
        } = self;
        format!("{name} {attributes:?} {kind} {unit:?} {value:?}")
    }

    /// As a line of Prometheus' text format, of a gauge.
    pub fn prometheus(&self) -> String {
        let escaped = |text: &str| {
            text.replace('\\', r"\\")
                .replace('"', "\\\"")
                .replace('\n', r"\n")
        };
        let labels = self
            .attributes
            .iter()
            .map(|(key, value)| format!("{key}=\"{}\"", escaped(value)));
        let labels: Vec<String> = labels.collect();
        format!(
            "{}{{{}}} {}",
            self.name,
            labels.join(","),
            self.value.float()
        )
    }

    /// Whether a car says it, not the observer of itself: its names have dots.
    pub fn is_of_a_car(&self) -> bool {
        is_of_a_car(&self.name)
    }

    /// An attribute, empty if it is not there.
    pub fn attribute(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

fn is_of_a_car(name: &str) -> bool {
    !name.contains('.')
}

/// All points of these requests, in the order they came.
pub fn samples(requests: &[ExportMetricsServiceRequest]) -> Vec<Sample> {
    named(requests, |_| true)
}

/// Those of metrics with such names.
fn named(
    requests: &[ExportMetricsServiceRequest],
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Sample> {
    let resources = requests
        .iter()
        .flat_map(|request| &request.resource_metrics);
    let scopes = resources.flat_map(|resource| &resource.scope_metrics);
    scopes
        .flat_map(|scope| &scope.metrics)
        .filter(|metric| is_wanted(&metric.name))
        .flat_map(of_metric)
        .collect()
}

/// What cars say in these requests.
pub fn of_cars(requests: &[ExportMetricsServiceRequest]) -> Vec<Sample> {
    named(requests, is_of_a_car)
}

/// The points of a metric of the observer's own as they were reported last, by the values of these
/// attributes.
pub fn last(
    requests: &[ExportMetricsServiceRequest],
    metric: &str,
    keys: &[&str],
) -> BTreeMap<String, f64> {
    let own = named(requests, |name| name == metric);
    let key = |sample: &Sample| {
        let values: Vec<_> = keys.iter().map(|key| sample.attribute(key)).collect();
        values.join(" ")
    };
    // Later ones replace earlier ones: they are cumulative.
    own.iter()
        .map(|sample| (key(sample), sample.value.float()))
        .collect()
}

/// The lines of these points, sorted.
pub fn lines(samples: &[Sample]) -> Vec<String> {
    let mut lines: Vec<String> = samples.iter().map(Sample::line).collect();
    lines.sort();
    lines
}

/// That both are the same; else which lines are missing and which are too many.
///
/// # Panics
///
/// If they are not the same.
pub fn assert_same(of: &str, found: &[String], expected: &[String]) {
    let less = |these: &[String], those: &[String]| {
        let mut rest = these.to_vec();
        for line in those {
            if let Some(at) = rest.iter().position(|own| own == line) {
                rest.swap_remove(at);
            }
        }
        rest.sort();
        rest.join("\n")
    };
    let (missing, extra) = (less(expected, found), less(found, expected));
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{of}\nmissing:\n{missing}\ntoo many:\n{extra}"
    );
}

fn of_metric(metric: &Metric) -> Vec<Sample> {
    let number = |kind, point: &NumberDataPoint| Sample {
        name: metric.name.clone(),
        kind,
        unit: metric.unit.clone(),
        attributes: texts(&point.attributes),
        value: match point.value {
            Some(number_data_point::Value::AsInt(value)) => Number::Int(value),
            Some(number_data_point::Value::AsDouble(value)) => Number::Float(value),
            None => panic!("{}: a point without a value", metric.name),
        },
        time: point.time_unix_nano,
    };
    let histogram = |point: &HistogramDataPoint| Sample {
        name: metric.name.clone(),
        kind: "histogram",
        unit: metric.unit.clone(),
        attributes: texts(&point.attributes),
        value: Number::Int(i64::try_from(point.count).expect("a small count")),
        time: point.time_unix_nano,
    };
    match &metric.data {
        Some(metric::Data::Gauge(data)) => data
            .data_points
            .iter()
            .map(|own| number("gauge", own))
            .collect(),
        Some(metric::Data::Sum(data)) => data
            .data_points
            .iter()
            .map(|own| number("sum", own))
            .collect(),
        Some(metric::Data::Histogram(data)) => data.data_points.iter().map(histogram).collect(),
        other => panic!("{}: {other:?}", metric.name),
    }
}
