//! A provider of the real SDK whose collections are asked for, one by one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    Instrument, InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Stream, Temporality,
};

/// How many series of an instrument the SDK lets through without a view.
const LIMIT: usize = 2000;

/// A provider and its only reader.
pub(crate) struct Sdk {
    provider: SdkMeterProvider,
    reader: Reader,
    /// Reused, so that what is measured is the collection alone.
    data: ResourceMetrics,
}

impl Sdk {
    /// A provider for so many members.
    pub(crate) fn new(members: usize) -> Self {
        let reader = Reader::default();
        let mut builder = SdkMeterProvider::builder().with_reader(reader.clone());
        if members > LIMIT {
            builder = builder.with_view(view(members));
        }
        Sdk {
            provider: builder.build(),
            reader,
            data: ResourceMetrics::default(),
        }
    }

    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter("bench")
    }

    /// One collection.
    pub(crate) fn collect(&mut self) {
        self.reader
            .0
            .collect(&mut self.data)
            .expect("the provider lives as long as its reader");
    }

    /// How many points the last collection gave.
    pub(crate) fn points(&self) -> usize {
        let scopes = self.data.scope_metrics();
        let metrics = scopes.flat_map(|scope| scope.metrics());
        metrics.map(|metric| points(metric.data())).sum()
    }
}

fn points(data: &AggregatedMetrics) -> usize {
    match data {
        AggregatedMetrics::F64(MetricData::Gauge(gauge)) => gauge.data_points().count(),
        AggregatedMetrics::U64(MetricData::Gauge(gauge)) => gauge.data_points().count(),
        AggregatedMetrics::I64(MetricData::Gauge(gauge)) => gauge.data_points().count(),
        _ => 0,
    }
}

/// The view that `Family::view` makes, written out: both sides have the same one, and the bench
/// needs no feature.
fn view(members: usize) -> impl Fn(&Instrument) -> Option<Stream> + Send + Sync + 'static {
    let limit = 2 * members;
    move |_| Stream::builder().with_cardinality_limit(limit).build().ok()
}

/// The SDK takes its reader away; this one can be kept as well.
#[derive(Clone, Debug, Default)]
struct Reader(Arc<ManualReader>);

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, data: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(data)
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
