//! Where observations go. Nothing here knows Tesla.
//!
//! - Members of a [`Fleet`] report when they have something new. Each [`Report`] is exported once,
//!   at once, with the time of its collection, to every destination of metrics; the Prometheus
//!   endpoint shows the latest one until the member is cleared or dropped.
//! - Spans and events of `tracing` go to the destinations of traces and logs
//!   ([`Telemetry::layer`]).
//! - [`Own`] are the metrics of the observer's own work.
//!
//! Each destination has a queue and a task of its own: one that hangs delays no other. What it
//! cannot take now is kept, in bounds, on disk if there is a [`Spool`], and sent again; what it will
//! never take is counted and said in the log, rarely.
//!
//! Requests are made here, of the SDK's data and `opentelemetry-proto`'s messages, rather than by
//! `opentelemetry-otlp`: its exporters add headers that they find in the environment to those that
//! they are given, tell no status of a failure, and encode only while they send, which leaves no
//! place for a spool.

mod console;
mod delivery;
mod encode;
mod error;
mod fleet;
mod outlet;
mod own;
pub(crate) mod probe;
mod prometheus;
mod push;
mod queue;
mod reader;
mod report;
mod settings;
mod sink;
mod spool;
mod tracing;
mod transport;

use std::any::TypeId;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metric_core::MetricCollector;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use encode::Signal;
use outlet::Outlet;
use own::Exports;
use push::Message;

pub use error::{FleetError, Lost, ShutdownError, StartError, Waiting};
pub use fleet::{Fleet, FleetMember, Report};
pub use own::{ExportFigures, Own, OwnHistogram, OwnSchema, own_histograms, own_schemas};
pub use settings::{
    Compression, Destination, Otlp, Prometheus, Protocol, Settings, Spool, TemporalityPreference,
    TlsFiles,
};
pub use sink::Sink;
#[doc(hidden)]
pub use spool::read_segment;

/// How many calls of [`Telemetry::report`] can be under way before further ones wait.
const REPORTS: usize = 1024;

/// All destinations, and what is on its way to them. Clones are handles to the same.
#[derive(Clone, Debug)]
pub struct Telemetry {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    resource: Resource,
    metrics: Arc<Outlet>,
    traces: Arc<Outlet>,
    logs: Arc<Outlet>,
    providers: tracing::Providers,
    own: Arc<Own>,
    sources: Option<Arc<prometheus::Sources>>,
    endpoint: Option<prometheus::Endpoint>,
    spool: Option<Arc<spool::Spool>>,
    /// What there is to say once there is a log.
    notices: Mutex<Vec<String>>,
    reports: mpsc::Sender<Message>,
    fleets: Mutex<Vec<TypeId>>,
    own_export: JoinHandle<()>,
}

impl Telemetry {
    /// Starts what the settings say, and makes W3C Trace Context the process's propagator.
    ///
    /// Must be called in a tokio runtime, on which it then runs. A destination that cannot be
    /// reached is no error: it is tried again for as long as there is something for it.
    ///
    /// # Errors
    ///
    /// All that is wrong at once: addresses, headers, certificates, a port that is taken.
    pub fn start(settings: Settings) -> Result<Self, Vec<StartError>> {
        if Handle::try_current().is_err() {
            return Err(vec![StartError::new(
                "telemetry",
                "it is started outside of a tokio runtime",
                "start it inside",
            )]);
        }
        let mut errors = Vec::new();
        let resource = Resource::builder_empty()
            .with_detector(Box::new(TelemetryResourceDetector))
            .with_attributes(settings.resource.iter().cloned())
            .build();
        let exports = Arc::new(Exports::new());
        let (spool, notices) = open_spool(&settings, &exports);
        let mut outlet = |signal, destinations: &[Destination]| {
            let spool = spool.as_ref();
            Outlet::start(signal, destinations, &exports, spool, &mut errors)
        };
        let metrics = outlet(Signal::Metrics, &settings.metrics);
        let metrics = Arc::new(metrics.with_sinks(&settings.sinks));
        let traces = Arc::new(outlet(Signal::Traces, &settings.traces));
        let logs = Arc::new(outlet(Signal::Logs, &settings.logs));

        let mut own = Own::new(exports);
        for temporality in metrics.temporalities() {
            if let Err(error) = own.push_to(temporality, &resource) {
                errors.push(unregistered(&error));
            }
        }
        let mut sources = None;
        let mut endpoint = None;
        if settings.scraped || settings.prometheus.is_some() {
            match open_sources(settings.prometheus.as_ref(), &mut own, &resource) {
                Ok((opened, listening)) => (sources, endpoint) = (Some(opened), listening),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            if let Some(endpoint) = endpoint {
                endpoint.stop();
            }
            return Err(errors);
        }

        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        let own = Arc::new(own);
        let (reports, inbox) = mpsc::channel(REPORTS);
        tokio::spawn(push::run(inbox, Arc::clone(&metrics)));
        let own_export = export_own_every(settings.own_interval, &own, &metrics);
        Ok(Telemetry {
            shared: Arc::new(Shared {
                providers: tracing::Providers::new(&resource, &traces, &logs),
                resource,
                metrics,
                traces,
                logs,
                own,
                sources,
                endpoint,
                spool,
                notices: Mutex::new(notices),
                reports,
                fleets: Mutex::default(),
                own_export,
            }),
        })
    }

    /// Logs what was found at start: what has waited on disk, what is left there for destinations that
    /// are none any more, why nothing can be kept there. To be called once there is a log.
    pub fn say_what_was_found(&self) {
        let mut notices = self.shared.notices.lock();
        let notices = notices
            .as_mut()
            .map(|notices| std::mem::take(&mut **notices));
        for notice in notices.unwrap_or_default() {
            ::tracing::warn!("{notice}");
        }
        if let Some(spool) = &self.shared.spool {
            spool.begin();
        }
    }

    /// Sends spans to the destinations of traces, and events to those of logs, from level INFO up,
    /// without those of the code that does the sending. Nothing if there are no destinations.
    ///
    /// Add it to a `tracing_subscriber::Registry`, beside others.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: ::tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        self.shared.providers.layer()
    }

    /// A fleet of members that report `T`.
    ///
    /// # Errors
    ///
    /// If there has been one of this type: two would report the same metrics.
    pub fn fleet<T>(&self) -> Result<Fleet<T>, FleetError>
    where
        T: MetricCollector + Clone + Send + Sync + 'static,
    {
        let shared = &self.shared;
        let fleets = shared.fleets.lock();
        let mut fleets = fleets.unwrap_or_else(PoisonError::into_inner);
        if fleets.contains(&TypeId::of::<T>()) {
            return Err(FleetError::Exists);
        }
        let push = !shared.metrics.is_empty();
        let fleet = Fleet::new(&shared.resource, push, shared.sources.is_some())
            .map_err(FleetError::Register)?;
        if let (Some(sources), Some(scrape)) = (&shared.sources, fleet.scrape()) {
            sources.add(&scrape);
        }
        fleets.push(TypeId::of::<T>());
        Ok(fleet)
    }

    /// The metrics of the observer's own work.
    pub fn own(&self) -> &Own {
        &self.shared.own
    }

    /// Where the Prometheus endpoint listens; empty if there is none.
    pub fn prometheus_addresses(&self) -> &[SocketAddr] {
        self.shared
            .endpoint
            .as_ref()
            .map_or(&[], prometheus::Endpoint::addresses)
    }

    /// The latest of everything, as an answer to Prometheus; `None` if nobody said that it would be
    /// asked for.
    pub async fn scrape(&self) -> Option<axum::response::Response> {
        let sources = Arc::clone(self.shared.sources.as_ref()?);
        Some(prometheus::metrics(axum::extract::State(sources)).await)
    }

    /// Waits until nobody reads any more what is printed on standard output.
    pub async fn unread(&self) {
        console::closed().await;
    }

    /// Collects and exports reports, each once. Returns when they are on their way: collected, and
    /// in the queue of each destination. They are exported even if the caller stops waiting.
    ///
    /// After [`shutdown`](Self::shutdown) of another handle, nothing is exported.
    pub async fn report(&self, reports: Vec<Report>) {
        for report in &reports {
            report.0.publish();
        }
        if self.shared.metrics.is_empty() || reports.is_empty() {
            return;
        }
        let (done, exported) = oneshot::channel();
        let message = Message::Export(reports, done);
        if self.shared.reports.send(message).await.is_ok() {
            // Nothing is ever sent: the other end is dropped.
            let _ = exported.await;
        }
    }

    /// Ends: exports what has been reported, spans, logs and the observer's own metrics, and waits
    /// until all is delivered, but no longer than `within`.
    ///
    /// # Errors
    ///
    /// What waits on disk or was lost, if not all could be delivered.
    pub async fn shutdown(self, within: Duration) -> Result<(), ShutdownError> {
        let deadline = Instant::now() + within;
        let shared = &self.shared;
        let mut lost = Vec::new();

        let (stop, stopped) = oneshot::channel();
        let stopping = async {
            if shared.reports.send(Message::Stop(stop)).await.is_ok() {
                let _ = stopped.await;
            }
        };
        if timeout_at(deadline, stopping).await.is_err() {
            lost.push(uncollected("metrics"));
        }

        shared.own_export.abort();
        let this = Arc::clone(shared);
        let left = deadline.saturating_duration_since(Instant::now());
        let flushing = tokio::task::spawn_blocking(move || {
            let failed = this.providers.shutdown(left);
            export_own(&this.own, &this.metrics);
            failed
        });
        match timeout_at(deadline, flushing).await {
            Ok(Ok(failed)) => lost.extend(failed.into_iter().map(uncollected)),
            Ok(Err(_)) | Err(_) => lost.push(uncollected("traces, logs and own metrics")),
        }

        let outlets = [&shared.metrics, &shared.traces, &shared.logs];
        let deliveries: Vec<_> = outlets.iter().flat_map(|own| own.deliveries()).collect();
        for delivery in &deliveries {
            delivery.close();
        }
        let finishing = deliveries.iter().map(|own| own.finish(deadline));
        let finished = futures_util::future::join_all(finishing).await;
        let (newly_lost, waiting): (Vec<_>, Vec<_>) = finished.into_iter().unzip();
        lost.extend(newly_lost.into_iter().flatten());
        let waiting: Vec<Waiting> = waiting.into_iter().flatten().collect();
        if let Some(spool) = shared.spool.clone() {
            // If it panicked, the panic has been said; and a disk that hangs holds up no end.
            let closing = tokio::task::spawn_blocking(move || spool.close());
            let _ = timeout(delivery::DISK_PATIENCE, closing).await;
        }
        if let Some(endpoint) = &shared.endpoint {
            endpoint.stop();
        }
        if lost.is_empty() && waiting.is_empty() {
            Ok(())
        } else {
            Err(ShutdownError { lost, waiting })
        }
    }
}

/// The target of messages for whoever sits here: they are in no exported log. After
/// [`Telemetry::shutdown`], no others can be told anywhere.
pub const HERE_ONLY: &str = "tesla_observer::here_only";

impl Drop for Shared {
    fn drop(&mut self) {
        self.own_export.abort();
        if let Some(endpoint) = &self.endpoint {
            endpoint.stop();
        }
    }
}

/// The spool, if there is something to keep in it; if there is not, what may be left in it.
fn open_spool(
    settings: &Settings,
    exports: &Arc<Exports>,
) -> (Option<Arc<spool::Spool>>, Vec<String>) {
    match &settings.spool {
        None => (None, Vec::new()),
        Some(own) if settings.sends() => (
            Some(Arc::new(spool::Spool::new(own, exports, owners(settings)))),
            Vec::new(),
        ),
        Some(own) => (None, spool::left_behind_in(&own.directory)),
    }
}

/// All OTLP destinations, by name and signal.
fn owners(settings: &Settings) -> Vec<(String, Signal)> {
    let all = [
        (Signal::Metrics, &settings.metrics),
        (Signal::Traces, &settings.traces),
        (Signal::Logs, &settings.logs),
    ];
    let mut owners = Vec::new();
    for (signal, destinations) in all {
        owners.extend(destinations.iter().filter_map(|own| match own {
            Destination::Otlp(otlp) => Some((otlp.name.clone(), signal)),
            Destination::Console => None,
        }));
    }
    owners
}

/// What there is to scrape, and the endpoint, if one is wanted.
fn open_sources(
    settings: Option<&Prometheus>,
    own: &mut Own,
    resource: &Resource,
) -> Result<(Arc<prometheus::Sources>, Option<prometheus::Endpoint>), StartError> {
    let listeners = settings.map(prometheus::Endpoint::bind).transpose()?;
    let (registry, reader) = prometheus::own_registry()?;
    own.report_to(reader, resource)
        .map_err(|error| unregistered(&error))?;
    let sources = prometheus::Sources::new(registry);
    let serve = |listeners| prometheus::Endpoint::serve(listeners, &sources);
    let endpoint = listeners.map(serve).transpose().map_err(|error| {
        StartError::new(
            "prometheus",
            format!("serving the endpoint: {error}"),
            "choose another host or port",
        )
    })?;
    Ok((sources, endpoint))
}

fn unregistered(error: &metric_core::RegisterError) -> StartError {
    StartError::new(
        "the observer's own metrics",
        error.to_string(),
        "please report this",
    )
}

fn uncollected(signal: &'static str) -> Lost {
    Lost {
        destination: "all destinations".to_owned(),
        signal,
        requests: None,
    }
}

fn export_own(own: &Own, outlet: &Outlet) {
    for (temporality, metrics) in own.collect() {
        outlet.metrics(&metrics, Some(temporality));
    }
}

fn export_own_every(every: Duration, own: &Arc<Own>, outlet: &Arc<Outlet>) -> JoinHandle<()> {
    let (own, outlet) = (Arc::clone(own), Arc::clone(outlet));
    tokio::spawn(async move {
        if outlet.is_empty() || every.is_zero() {
            return;
        }
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (own, outlet) = (Arc::clone(&own), Arc::clone(&outlet));
            // If it panicked, the panic has been said, and the next tick tries again.
            let _ = tokio::task::spawn_blocking(move || export_own(&own, &outlet)).await;
        }
    })
}
