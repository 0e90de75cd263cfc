//! A provider of the real SDK whose collections are asked for, one by one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    InstrumentKind, ManualReader, MeterProviderBuilder, Pipeline, SdkMeterProvider, Temporality,
};

use crate::sides::Fleet;

/// How many series of an instrument the SDK lets through without a view.
const LIMIT: usize = 2000;

/// A provider and its only reader.
pub(crate) struct Sdk {
    /// Stops collecting when it is dropped.
    _provider: SdkMeterProvider,
    reader: Reader,
    /// Reused, so that what is measured is the collection alone.
    data: ResourceMetrics,
}

impl Sdk {
    /// A provider that collects the fleet, with a view only if it cannot do without.
    pub(crate) fn new(fleet: &impl Fleet) -> Self {
        if fleet.len() > LIMIT {
            Self::with_view(fleet)
        } else {
            Self::build(SdkMeterProvider::builder(), fleet)
        }
    }

    /// A provider that collects the fleet and is told how many there are.
    pub(crate) fn with_view(fleet: &impl Fleet) -> Self {
        Self::build(SdkMeterProvider::builder().with_view(fleet.view()), fleet)
    }

    fn build(builder: MeterProviderBuilder, fleet: &impl Fleet) -> Self {
        let reader = Reader::default();
        let provider = builder.with_reader(reader.clone()).build();
        fleet.register(&provider.meter("bench"));
        Sdk {
            _provider: provider,
            reader,
            data: ResourceMetrics::default(),
        }
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
