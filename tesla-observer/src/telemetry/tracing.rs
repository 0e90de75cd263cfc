//! The program's own spans and log records, from `tracing` to the destinations of traces and logs.

mod anonymous;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::logs::tonic::group_logs_by_resource_and_scope;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt, LevelFilter, Targets, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use super::HERE_ONLY;
use super::console::Console;
use super::outlet::Outlet;

/// What carries telemetry away must not make any: each export would cause the next one.
const CARRIERS: [&str; 8] = [
    "h2",
    "hyper",
    "metric_core",
    "opentelemetry",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
];

/// The providers of traces and logs, where there is a destination for them.
#[derive(Debug)]
pub(super) struct Providers {
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
}

impl Providers {
    pub(super) fn new(resource: &Resource, traces: &Arc<Outlet>, logs: &Arc<Outlet>) -> Self {
        Providers {
            traces: (!traces.is_empty()).then(|| {
                let mut builder = SdkTracerProvider::builder().with_resource(resource.clone());
                if traces.prints() {
                    let console = Console::<opentelemetry_stdout::SpanExporter>::default();
                    builder = builder.with_batch_exporter(console);
                }
                if traces.sends() {
                    builder = builder.with_batch_exporter(Sender::new(traces));
                }
                builder.build()
            }),
            logs: (!logs.is_empty()).then(|| {
                let mut builder = SdkLoggerProvider::builder().with_resource(resource.clone());
                if logs.prints() {
                    let console = Console::<opentelemetry_stdout::LogExporter>::default();
                    builder = builder.with_batch_exporter(console);
                }
                if logs.sends() {
                    builder = builder.with_batch_exporter(Sender::new(logs));
                }
                builder.build()
            }),
        }
    }

    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let mut layers: Vec<Box<dyn Layer<S> + Send + Sync>> = Vec::new();
        if let Some(provider) = &self.traces {
            let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
            let layer = tracing_opentelemetry::layer()
                .with_tracer(tracer)
                .with_location(false)
                .with_threads(false);
            // Events are a part of their spans, unless they are exported as what they are.
            let events = self.logs.is_none();
            let wanted = filter_fn(move |metadata| events || metadata.is_span());
            layers.push(layer.with_filter(own_work().and(wanted)).boxed());
        }
        if let Some(provider) = &self.logs {
            let layer = OpenTelemetryTracingBridge::new(provider);
            layers.push(layer.with_filter(own_work()).boxed());
        }
        // An empty list would tell the subscriber that no level is wanted by anybody.
        (!layers.is_empty()).then_some(layers)
    }

    /// Hands what is batched to the outlets. Blocks, at most for `within` each. Returns the signals
    /// of which something may be lost.
    pub(super) fn shutdown(&self, within: Duration) -> Vec<&'static str> {
        let traces = self
            .traces
            .as_ref()
            .map(|own| ("traces", own.shutdown_with_timeout(within)));
        let logs = self
            .logs
            .as_ref()
            .map(|own| ("logs", own.shutdown_with_timeout(within)));
        let failed = |(signal, result): (_, OTelSdkResult)| result.is_err().then_some(signal);
        traces.into_iter().chain(logs).filter_map(failed).collect()
    }
}

/// The program's own work, without that of its carriers.
fn own_work() -> Targets {
    let not_exported = CARRIERS.into_iter().chain([HERE_ONLY]);
    not_exported.fold(
        Targets::new().with_default(LevelFilter::INFO),
        |own, target| own.with_target(target, LevelFilter::OFF),
    )
}

/// Encodes batches and queues them.
#[derive(Debug)]
struct Sender {
    outlet: Arc<Outlet>,
    resource: ResourceAttributesWithSchema,
}

impl Sender {
    fn new(outlet: &Arc<Outlet>) -> Self {
        Sender {
            outlet: Arc::clone(outlet),
            resource: ResourceAttributesWithSchema::default(),
        }
    }
}

impl SpanExporter for Sender {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let mut request = ExportTraceServiceRequest { resource_spans };
        anonymous::spans(&mut request);
        self.outlet.send(&request, None);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

impl LogExporter for Sender {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let resource_logs = group_logs_by_resource_and_scope(&batch, &self.resource);
        let mut request = ExportLogsServiceRequest { resource_logs };
        anonymous::logs(&mut request);
        self.outlet.send(&request, None);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn what_is_said_here_only_and_what_carries_telemetry_is_not_exported() {
        let exported = |target: &str| own_work().would_enable(target, &Level::WARN);
        assert!(exported("tesla_observer::observer"));
        for target in [HERE_ONLY, "hyper::client", "opentelemetry_sdk", "reqwest"] {
            assert!(!exported(target), "{target}");
        }
    }
}
