//! To standard output, in the text of OpenTelemetry's own exporters.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use futures_util::FutureExt;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogBatch, LogExporter};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::sync::watch;

// All three print with `println!`, which panics when nobody reads standard output any more
// (`| head`). That must end neither a collection nor a processor's thread, and happen only once.

/// Whether nobody reads standard output any more: the process has only one.
static CLOSED: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// Waits until nobody reads any more what is printed.
pub(super) async fn closed() {
    // Fails only without the sender.
    let _ = CLOSED.subscribe().wait_for(|closed| *closed).await;
}

fn is_closed() -> bool {
    *CLOSED.borrow()
}

/// Prints a collection.
pub(super) fn print(metrics: &ResourceMetrics) {
    if is_closed() {
        return;
    }
    let exporter = opentelemetry_stdout::MetricExporter::default();
    let printed = catch_unwind(AssertUnwindSafe(|| {
        // It is ready at once: it only prints.
        exporter.export(metrics).now_or_never()
    }));
    if printed.is_err() {
        CLOSED.send_replace(true);
    }
}

async fn unless_closed(printing: impl Future<Output = OTelSdkResult>) -> OTelSdkResult {
    // Nothing that anybody could see is lost.
    if is_closed() {
        return Ok(());
    }
    let printed = AssertUnwindSafe(printing).catch_unwind().await;
    printed.unwrap_or_else(|_| {
        CLOSED.send_replace(true);
        Ok(())
    })
}

/// Prints spans or log records.
#[derive(Debug, Default)]
pub(super) struct Console<E>(E);

impl SpanExporter for Console<opentelemetry_stdout::SpanExporter> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        unless_closed(self.0.export(batch)).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

impl LogExporter for Console<opentelemetry_stdout::LogExporter> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        unless_closed(self.0.export(batch)).await
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
