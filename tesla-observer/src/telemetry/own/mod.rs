//! The observer's metrics of its own work: on providers of their own, so that nothing that happens
//! to a fleet resets them.

mod catalogue;
mod exports;
mod keyed;
mod metrics;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use metric_core::{Family, Member, RegisterError};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;

use super::reader::Reader;
use super::settings::TemporalityPreference;
use crate::budget::Standing;
use crate::fetch::RequestDone;
use crate::model::Unread;
use keyed::Keyed;
use metrics::{
    Asked, Budget, Cycles, Kept, Outdated, Process, Token, UnreadFields, Unseen, Vehicles,
};

use catalogue::{CYCLE_DURATION, REQUEST_DURATION};
pub use catalogue::{OwnHistogram, OwnSchema, own_histograms, own_schemas};
pub use exports::ExportFigures;
pub(super) use exports::Exports;

/// What the semantic conventions advise for durations of HTTP requests, in seconds.
const REQUEST_SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// A cycle is a few requests.
const CYCLE_SECONDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The observer's metrics of its own work: `observer.*`, `http.client.request.duration`,
/// `process.*`.
#[derive(Debug)]
pub struct Own {
    cycles: Keyed<&'static str, Cycles>,
    unread: Keyed<&'static str, UnreadFields>,
    outdated: Keyed<(), Outdated>,
    unseen: Keyed<&'static str, Unseen>,
    vehicles: Keyed<&'static str, Vehicles>,
    asked: Keyed<&'static str, Asked>,
    budgets: Family<Budget>,
    budget: Member<Budget>,
    tokens: Family<Token>,
    token: Member<Token>,
    histories: Family<Kept>,
    history: Member<Kept>,
    processes: Family<Process>,
    _process: Member<Process>,
    exports: Arc<Exports>,
    /// One per provider.
    durations: Vec<Durations>,
    /// One per temporality that a destination wants.
    push: Vec<(TemporalityPreference, Reader)>,
    providers: Vec<SdkMeterProvider>,
}

#[derive(Debug)]
struct Durations {
    request: Histogram<f64>,
    cycle: Histogram<f64>,
}

impl Own {
    pub(super) fn new(exports: Arc<Exports>) -> Self {
        let tokens = Family::with_capacity(1);
        let budgets = Family::with_capacity(1);
        let histories = Family::with_capacity(1);
        let processes = Family::with_capacity(1);
        let process = processes.member([]);
        process.set(Process {
            started: Instant::now(),
            memory: (),
        });
        Own {
            cycles: Keyed::new(16, |outcome| vec![KeyValue::new("outcome", *outcome)]),
            unread: Keyed::new(8, |reason| vec![KeyValue::new("reason", *reason)]),
            outdated: Keyed::new(1, |()| Vec::new()),
            unseen: Keyed::new(4, |event| vec![KeyValue::new("event", *event)]),
            vehicles: Keyed::new(8, |own| vec![KeyValue::new("availability", *own)]),
            asked: Keyed::new(8, |class| vec![KeyValue::new("class", *class)]),
            budget: budgets.member([]),
            budgets,
            token: tokens.member([]),
            tokens,
            history: histories.member([]),
            histories,
            processes,
            _process: process,
            exports,
            durations: Vec::new(),
            push: Vec::new(),
            providers: Vec::new(),
        }
    }

    /// Adds a provider for destinations that want this temporality.
    pub(super) fn push_to(
        &mut self,
        temporality: TemporalityPreference,
        resource: &Resource,
    ) -> Result<(), RegisterError> {
        let reader = Reader::new(temporality);
        self.report_to(reader.clone(), resource)?;
        self.push.push((temporality, reader));
        Ok(())
    }

    /// Adds a provider for `reader`.
    pub(super) fn report_to(
        &mut self,
        reader: impl MetricReader,
        resource: &Resource,
    ) -> Result<(), RegisterError> {
        let provider = SdkMeterProvider::builder()
            .with_reader(reader)
            .with_resource(resource.clone())
            .with_view(self.cycles.family.view())
            .with_view(self.unread.family.view())
            .with_view(self.outdated.family.view())
            .with_view(self.unseen.family.view())
            .with_view(self.vehicles.family.view())
            .with_view(self.asked.family.view())
            .with_view(self.budgets.view())
            .with_view(self.tokens.view())
            .with_view(self.histories.view())
            .with_view(self.processes.view())
            .with_view(self.exports.delivered.family.view())
            .with_view(self.exports.failed.family.view())
            .with_view(self.exports.dropped.family.view())
            .with_view(self.exports.waiting.family.view())
            .with_view(self.exports.durable.family.view())
            .build();
        let meter = provider.meter(env!("CARGO_PKG_NAME"));
        self.cycles.family.register(&meter)?;
        self.unread.family.register(&meter)?;
        self.outdated.family.register(&meter)?;
        self.unseen.family.register(&meter)?;
        self.vehicles.family.register(&meter)?;
        self.asked.family.register(&meter)?;
        self.budgets.register(&meter)?;
        self.tokens.register(&meter)?;
        self.histories.register(&meter)?;
        self.processes.register(&meter)?;
        self.exports.delivered.family.register(&meter)?;
        self.exports.failed.family.register(&meter)?;
        self.exports.dropped.family.register(&meter)?;
        self.exports.waiting.family.register(&meter)?;
        self.exports.durable.family.register(&meter)?;
        self.durations.push(Durations::new(&meter));
        self.providers.push(provider);
        Ok(())
    }

    /// What there is to push, for each temporality. Takes its time: not for the runtime's own
    /// threads.
    pub(super) fn collect(&self) -> Vec<(TemporalityPreference, ResourceMetrics)> {
        let collect = |(temporality, reader): &(_, Reader)| {
            let mut metrics = ResourceMetrics::default();
            let collected = reader.collect(&mut metrics);
            collected.is_ok().then_some((*temporality, metrics))
        };
        self.push.iter().filter_map(collect).collect()
    }

    /// A request to a vehicles' service has ended: `http.client.request.duration`, in seconds, with
    /// the attributes of OpenTelemetry's semantic conventions for HTTP.
    pub fn request_done(&self, request: &RequestDone) {
        let mut attributes = vec![
            KeyValue::new("http.request.method", request.method),
            KeyValue::new("url.template", request.route),
            KeyValue::new("server.address", request.host.clone()),
        ];
        if let Some(port) = request.port {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        if let Some(status) = request.status {
            attributes.push(KeyValue::new(
                "http.response.status_code",
                i64::from(status),
            ));
        }
        match (request.error, request.status) {
            (Some(error), _) => attributes.push(KeyValue::new("error.type", error)),
            (None, Some(status)) if status >= 400 => {
                attributes.push(KeyValue::new("error.type", status.to_string()));
            }
            _ => {}
        }
        for durations in &self.durations {
            let seconds = request.duration.as_secs_f64();
            durations.request.record(seconds, &attributes);
        }
    }

    /// A cycle of observing a vehicle has ended: `observer.cycles`, and `observer.cycle.duration`
    /// in seconds, by `outcome`.
    pub fn cycle_done(&self, outcome: &'static str, duration: Duration) {
        self.cycles.update(outcome, |own| own.count += 1);
        let attributes = [KeyValue::new("outcome", outcome)];
        for durations in &self.durations {
            durations.cycle.record(duration.as_secs_f64(), &attributes);
        }
    }

    /// Fields could not be read: `observer.fields.unread` by `reason`.
    pub fn unread(&self, unread: &[Unread]) {
        for field in unread {
            self.unread
                .update(field.reason.as_str(), |own| own.count += 1);
        }
    }

    /// A reading was older than the one before: `observer.readings.outdated`.
    pub fn outdated(&self) {
        self.outdated.update((), |own| own.count += 1);
    }

    /// A drive, a charge or an update had begun unseen: `observer.events.unseen` by `event`.
    pub fn noticed(&self, event: &'static str) {
        self.unseen.update(event, |own| own.count += 1);
    }

    /// There is a new access token, or (both `None`) none any more: `observer.token.age` and
    /// `observer.token.expires_in`, in seconds, as they are when they are exported.
    pub fn token(&self, issued: Option<SystemTime>, expires: Option<SystemTime>) {
        self.token.set(Token { issued, expires });
    }

    /// How the history on this machine stands: `observer.history.*`.
    pub fn history(&self, kept: bool, reports: u64, lost: u64, size: u64) {
        self.history.set(Kept {
            kept: Some(kept),
            reports: Some(reports),
            lost: Some(lost),
            size: Some(size),
        });
    }

    /// When the access token was issued and when it expires, as far as there is one and it is known.
    pub fn token_times(&self) -> (Option<SystemTime>, Option<SystemTime>) {
        let latest = self.token.latest();
        latest.map_or((None, None), |token| (token.issued, token.expires))
    }

    /// How exports have gone since the start, by destination and signal.
    pub fn exports(&self) -> Vec<(String, &'static str, ExportFigures)> {
        let all = self.exports.figures().into_iter();
        all.map(|((destination, signal), figures)| (destination, signal, figures))
            .collect()
    }

    /// A request of this class was made: `observer.requests` by `class`.
    pub fn asked(&self, class: &'static str) {
        self.asked.update(class, |own| own.count += 1);
    }

    /// How the budget stands: `observer.budget.*`.
    pub fn budget(&self, standing: &Standing) {
        self.budget.set(Budget::from(standing));
    }

    /// How many vehicles there are: `observer.vehicles` by `availability`. What is not among
    /// `counts` and was before is 0 from now on.
    pub fn vehicles(&self, counts: impl IntoIterator<Item = (&'static str, u64)>) {
        self.vehicles.update_all(|own| own.count = 0);
        for (availability, count) in counts {
            self.vehicles.update(availability, |own| own.count = count);
        }
    }
}

impl Durations {
    fn new(meter: &Meter) -> Self {
        let built = |histogram: &OwnHistogram, boundaries: &[f64]| {
            meter
                .f64_histogram(histogram.name)
                .with_description(histogram.description)
                .with_unit(histogram.unit)
                .with_boundaries(boundaries.to_vec())
                .build()
        };
        Durations {
            request: built(&REQUEST_DURATION, &REQUEST_SECONDS),
            cycle: built(&CYCLE_DURATION, &CYCLE_SECONDS),
        }
    }
}
