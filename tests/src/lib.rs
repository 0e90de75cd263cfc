//! What the integration tests share: a reader that collects when told to, on the calling thread,
//! and what it collected as plain data.

pub mod account;
pub mod bare;
pub mod browser;
pub mod everything;
pub mod fields;
pub mod log;
pub mod meanwhile;
pub mod observer;
pub mod outage;
pub mod parked;
pub mod process;
pub mod proxy;
pub mod receiver;
pub mod samples;
pub mod servers;
pub mod soak;
pub mod tesla;
pub mod tls;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use metric_core::{Family, MetricCollector};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Stream,
    Temporality,
};

/// A reader that collects on the calling thread. Clones are handles to the same one.
#[derive(Clone, Debug, Default)]
pub struct Reader(Arc<ManualReader>);

impl Reader {
    /// Collects and returns all points.
    pub fn collect(&self) -> Points {
        let mut metrics = ResourceMetrics::default();
        self.0.collect(&mut metrics).expect("the provider lives");
        Points::of(&metrics)
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// A family on a provider of its own, and the reader of that.
#[derive(Debug)]
pub struct Rig<T> {
    /// Collects on the calling thread.
    pub reader: Reader,
    /// The family, registered.
    pub family: Family<T>,
    /// What the meter is of.
    pub provider: SdkMeterProvider,
}

impl<T: MetricCollector + Send + Sync + 'static> Rig<T> {
    /// A new family on a new provider.
    pub fn new() -> Self {
        let reader = Reader::default();
        let family = Family::new();
        let provider = SdkMeterProvider::builder()
            .with_reader(reader.clone())
            .build();
        family
            .register(&provider.meter("test"))
            .expect("a fresh meter");
        Rig {
            reader,
            family,
            provider,
        }
    }
}

impl<T: MetricCollector + Send + Sync + 'static> Default for Rig<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// A view that drops the instrument `name`.
pub fn dropping(
    name: &'static str,
) -> impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static {
    move |instrument| {
        let drop = Stream::builder().with_aggregation(Aggregation::Drop);
        (instrument.name() == name).then(|| drop.build().ok())?
    }
}

/// A point as the SDK hands it to an exporter.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The instrument's name.
    pub name: String,
    /// The attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// The value, exact for the small integers of the tests.
    pub value: f64,
}

/// All points of one collection.
#[derive(Clone, Default, PartialEq)]
pub struct Points(pub Vec<Point>);

impl Points {
    /// The points of an export.
    pub fn of(metrics: &ResourceMetrics) -> Self {
        let mut points = Vec::new();
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            let name = metric.name();
            match metric.data() {
                AggregatedMetrics::F64(data) => add(&mut points, name, data, |value| value),
                AggregatedMetrics::U64(data) => add(&mut points, name, data, |value| value as f64),
                AggregatedMetrics::I64(data) => add(&mut points, name, data, |value| value as f64),
            }
        }
        points.sort_by(|a, b| (&a.name, &a.attributes).cmp(&(&b.name, &b.attributes)));
        Points(points)
    }

    /// The points of the metric `name`.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Point> {
        self.0.iter().filter(move |point| point.name == name)
    }

    /// The values of the metric `name`.
    pub fn values(&self, name: &str) -> Vec<f64> {
        self.named(name).map(|point| point.value).collect()
    }

    /// The value of the metric `name` whose attribute `key` is `value`.
    pub fn value(&self, name: &str, key: &str, value: &str) -> Option<f64> {
        self.named(name)
            .find(|point| point.attributes.get(key).is_some_and(|own| own == value))
            .map(|point| point.value)
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A line per point, for tests that compare everything and failures that show it.
impl fmt::Debug for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Point {
            name,
            attributes,
            value,
        } in &self.0
        {
            writeln!(f, "{name} {attributes:?} {value}")?;
        }
        Ok(())
    }
}

fn add<N: Copy>(points: &mut Vec<Point>, name: &str, data: &MetricData<N>, to: fn(N) -> f64) {
    let mut push = |attributes: &mut dyn Iterator<Item = &KeyValue>, value| {
        points.push(Point {
            name: name.to_owned(),
            attributes: texts(attributes),
            value: to(value),
        });
    };
    match data {
        MetricData::Gauge(gauge) => {
            for point in gauge.data_points() {
                push(&mut point.attributes(), point.value());
            }
        }
        MetricData::Sum(sum) => {
            for point in sum.data_points() {
                push(&mut point.attributes(), point.value());
            }
        }
        MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => {
            unreachable!("the framework has no histograms")
        }
    }
}

fn texts<'a>(attributes: impl Iterator<Item = &'a KeyValue>) -> BTreeMap<String, String> {
    attributes
        .map(|own| (own.key.to_string(), own.value.to_string()))
        .collect()
}

/// The code of the framework's guide is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/framework.md")]
mod framework {}
