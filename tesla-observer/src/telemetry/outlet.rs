//! All destinations of one signal. A request is encoded once for all that want the same bytes.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tracing::error;

use super::console;
use super::delivery::Delivery;
use super::encode::{Batch, Encoding, Request, Signal, encode};
use super::error::StartError;
use super::own::Exports;
use super::queue::Limits;
use super::settings::{Destination, TemporalityPreference};
use super::sink::Sink;
use super::spool::Spool;

/// All destinations of one signal.
#[derive(Debug)]
pub(super) struct Outlet {
    deliveries: Vec<Delivery>,
    console: bool,
    sinks: Vec<Arc<dyn Sink>>,
}

impl Outlet {
    /// Starts a task for each OTLP destination.
    pub(super) fn start(
        signal: Signal,
        destinations: &[Destination],
        exports: &Arc<Exports>,
        spool: Option<&Arc<Spool>>,
        errors: &mut Vec<StartError>,
    ) -> Self {
        let mut outlet = Outlet {
            deliveries: Vec::new(),
            console: false,
            sinks: Vec::new(),
        };
        for destination in destinations {
            match destination {
                Destination::Console => outlet.console = true,
                Destination::Otlp(otlp) => {
                    match Delivery::start(signal, otlp, Limits::default(), exports, spool) {
                        Ok(delivery) => outlet.deliveries.push(delivery),
                        Err(found) => errors.extend(found),
                    }
                }
            }
        }
        outlet
    }

    /// The same, and into these. They are for what members report, not for the observer's own metrics.
    #[must_use]
    pub(super) fn with_sinks(mut self, sinks: &[Arc<dyn Sink>]) -> Self {
        self.sinks = sinks.to_vec();
        self
    }

    /// Whether nothing goes anywhere.
    pub(super) fn is_empty(&self) -> bool {
        !self.console && self.deliveries.is_empty() && self.sinks.is_empty()
    }

    /// Whether there is an OTLP destination.
    pub(super) fn sends(&self) -> bool {
        !self.deliveries.is_empty()
    }

    /// Whether the console is a destination.
    pub(super) fn prints(&self) -> bool {
        self.console
    }

    pub(super) fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// The temporalities that destinations want, each once.
    pub(super) fn temporalities(&self) -> Vec<TemporalityPreference> {
        let mut all = Vec::new();
        let console = self.console.then_some(TemporalityPreference::Cumulative);
        let sent = self.deliveries.iter().map(Delivery::temporality);
        for temporality in console.into_iter().chain(sent) {
            if !all.contains(&temporality) {
                all.push(temporality);
            }
        }
        all
    }

    /// Encodes and queues a collection, for all destinations or for those that want `only` this
    /// temporality. Takes its time: not for the runtime's own threads.
    pub(super) fn metrics(&self, metrics: &ResourceMetrics, only: Option<TemporalityPreference>) {
        if self.console && only.is_none_or(|only| only == TemporalityPreference::Cumulative) {
            console::print(metrics);
        }
        if only.is_none() {
            for sink in &self.sinks {
                sink.take(metrics);
            }
        }
        if self.sends() {
            self.send(&ExportMetricsServiceRequest::from(metrics), only);
        }
    }

    /// Encodes and queues a request. Takes its time: not for the runtime's own threads.
    pub(super) fn send(&self, request: &impl Request, only: Option<TemporalityPreference>) {
        let items = request.items();
        if items == 0 {
            return;
        }
        let mut encoded: HashMap<Encoding, Batch> = HashMap::new();
        let mut pushes = Vec::new();
        for delivery in &self.deliveries {
            if only.is_some_and(|only| only != delivery.temporality()) {
                continue;
            }
            let encoding = delivery.encoding();
            let batch = match encoded.get(&encoding) {
                Some(batch) => batch.clone(),
                None => match encode(request, encoding) {
                    Ok(body) => {
                        let batch = Batch { body, items };
                        encoded.insert(encoding, batch.clone());
                        batch
                    }
                    Err(error) => {
                        error!("encoding an OTLP request failed: {error}; please report this");
                        continue;
                    }
                },
            };
            pushes.push((delivery, batch));
        }
        // A slow disk is waited for once, not once for each of them.
        thread::scope(|scope| {
            let last = pushes.pop();
            for (delivery, batch) in pushes {
                let handed = batch.clone();
                let push = move || delivery.push(handed);
                if thread::Builder::new().spawn_scoped(scope, push).is_err() {
                    delivery.push(batch);
                }
            }
            if let Some((delivery, batch)) = last {
                delivery.push(batch);
            }
        });
    }
}
