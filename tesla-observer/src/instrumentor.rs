//! One vehicle's turn: ask whether it is awake, read it, hand what it reports to telemetry at once.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use metric_core::MetricCollector;
use opentelemetry::KeyValue;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::fetch::{Availability, FetchError, Next, Problem, Snapshot, Vehicle, VehicleFetcher};
use crate::model::{AtAGlance, Glance as _, Unread};
use crate::privacy::{Called, without_vins};
use crate::telemetry::{Fleet, FleetMember, Telemetry};
use crate::terminal::{Board, clean};

/// What is exported of one vehicle: whether it can be asked, and, while it is online, what it reports.
#[derive(Clone, Debug, MetricCollector)]
#[metric(prefix = "vehicle", separator = "_")]
pub struct VehicleReport<M> {
    /// Whether the vehicle can be asked: 1 for the present state, 0 for the others.
    #[metric]
    pub state: Availability,
    /// 1 while the vehicle is awake and connected, 0 while it sleeps, is offline or in service.
    #[metric(name = "state_online")]
    pub online: bool,
    /// What the vehicle reports.
    #[metric(flatten)]
    pub metrics: Option<M>,
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The vehicle was read.
    Read,
    /// The vehicle could not be asked: it sleeps, say. That was reported.
    NotAsked(Availability),
    /// It failed.
    Failed(FetchError),
}

impl Outcome {
    /// The outcome as an attribute's value.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::NotAsked(availability) => availability.as_str(),
            Self::Failed(_) => "failed",
        }
    }

    /// What is best done now.
    pub fn next(&self) -> Next {
        match self {
            Self::Failed(error) => error.next,
            _ => Next::AsUsual,
        }
    }
}

/// Fields that could not be read are logged once each, not at every turn.
#[derive(Debug, Default)]
pub struct Told(Mutex<HashSet<Unread>>);

impl Told {
    /// How many are remembered; more of them are hardly read, and a hostile service could send new
    /// ones for ever.
    const MOST: usize = 2_000;

    /// Those that were not told yet.
    fn new_ones<'a>(&self, unread: &'a [Unread]) -> Vec<&'a Unread> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for one in unread {
            if told.len() < Self::MOST && !told.contains(one) {
                told.insert(one.clone());
                new.push(one);
            }
        }
        new
    }
}

/// Observes one vehicle.
pub struct VehicleInstrumentor<F: VehicleFetcher> {
    fetcher: Arc<F>,
    vehicle: Vehicle,
    called: Called,
    /// For the terminal: the vehicle with the name that it is called.
    shown: Vehicle,
    member: FleetMember<VehicleReport<F::Metrics>>,
    telemetry: Telemetry,
    board: Board,
    told: Arc<Told>,
    /// What went wrong last, and when that was said.
    warned: Option<(Problem, Instant)>,
}

/// A car that goes on failing in one way is not said to at every turn.
const WARNED_AGAIN: Duration = Duration::from_secs(900);

impl<F: VehicleFetcher> VehicleInstrumentor<F> {
    /// An instrumentor for this vehicle, which becomes a member of the fleet until this is dropped.
    /// Nothing that is exported, logged or shown has another name for it than `called`.
    pub fn new(
        fetcher: Arc<F>,
        vehicle: Vehicle,
        called: Called,
        fleet: &Fleet<VehicleReport<F::Metrics>>,
        telemetry: Telemetry,
        board: Board,
        told: Arc<Told>,
    ) -> Self {
        let name = KeyValue::new("vehicle_id", called.vehicle_id.clone());
        let vin = called
            .vin
            .iter()
            .map(|vin| KeyValue::new("vin", vin.clone()));
        let member = fleet.member([name].into_iter().chain(vin).collect());
        Self {
            fetcher,
            shown: called.shown(&vehicle),
            vehicle,
            called,
            member,
            telemetry,
            board,
            told,
            warned: None,
        }
    }

    /// Which vehicle it is.
    pub fn vehicle(&self) -> &Vehicle {
        &self.vehicle
    }

    /// One turn. Never panics, whatever the fetcher does.
    pub async fn turn(&mut self) -> Outcome {
        let span = tracing::info_span!(
            "observe vehicle",
            vehicle_id = %clean(&self.called.vehicle_id, 60),
            outcome = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        let started = Instant::now();
        let outcome = AssertUnwindSafe(self.ask().instrument(span.clone()))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                let doing = format!("observing {}", self.called.vehicle_id);
                Outcome::Failed(FetchError::of_a_panic(doing))
            });
        span.record("outcome", outcome.as_str());
        let own = self.telemetry.own();
        own.cycle_done(outcome.as_str(), started.elapsed());
        let validity = || self.fetcher.token_validity();
        let validity = catch_unwind(AssertUnwindSafe(validity)).ok().flatten();
        own.token(
            validity.map(|token| token.issued),
            validity.map(|token| token.expires),
        );
        match &outcome {
            Outcome::Failed(error) => {
                span.record("otel.status_code", "ERROR");
                // Nothing stale: what is not known is not reported.
                self.member.clear();
                self.board.failed(&self.shown, error);
                span.in_scope(|| self.warn(error));
            }
            _ => self.warned = None,
        }
        outcome
    }

    /// Says what went wrong, the first time and then rarely.
    fn warn(&mut self, error: &FetchError) {
        let vehicle_id = clean(&self.called.vehicle_id, 60);
        let problem = error.problem.as_str();
        let next = then(error.next);
        let recently =
            |(last, at): &(Problem, Instant)| *last == error.problem && at.elapsed() < WARNED_AGAIN;
        if self.warned.as_ref().is_some_and(recently) {
            tracing::debug!(%vehicle_id, error.type = problem, "{error}{next}");
        } else {
            tracing::warn!(%vehicle_id, error.type = problem, "{error}{next}");
            self.warned = Some((error.problem, Instant::now()));
        }
    }

    async fn ask(&self) -> Outcome {
        let availability = match self.fetcher.availability(&self.vehicle).await {
            Ok(availability) => availability,
            Err(error) => return self.not_asked_or_failed(error).await,
        };
        if availability != Availability::Online {
            return self.not_asked(availability).await;
        }
        match self.fetcher.snapshot(&self.vehicle).await {
            Ok(snapshot) => self.read(snapshot).await,
            // It fell asleep in between, or only looked awake: its state is read once more.
            Err(error) if error.problem == Problem::Unavailable => {
                match self.fetcher.availability(&self.vehicle).await {
                    Ok(Availability::Online) => self.not_asked(Availability::Unknown).await,
                    Ok(availability) => self.not_asked(availability).await,
                    Err(error) => self.not_asked_or_failed(error).await,
                }
            }
            Err(error) => self.not_asked_or_failed(error).await,
        }
    }

    async fn not_asked_or_failed(&self, error: FetchError) -> Outcome {
        match error.problem {
            Problem::InService => self.not_asked(Availability::InService).await,
            Problem::Unavailable => self.not_asked(Availability::Offline).await,
            _ => Outcome::Failed(error),
        }
    }

    async fn not_asked(&self, availability: Availability) -> Outcome {
        self.report(availability, None, None).await;
        Outcome::NotAsked(availability)
    }

    async fn read(&self, snapshot: Snapshot<F::Metrics>) -> Outcome {
        let Snapshot { metrics, unread } = snapshot;
        self.telemetry.own().unread(&unread);
        for one in self.told.new_ones(&unread) {
            tracing::info!(
                vehicle_id = %clean(&self.called.vehicle_id, 60),
                "not exported: {}: {}; all else of the answer is. This is said once",
                without_vins(&one.field),
                one.reason
            );
        }
        let glance = metrics.glance();
        self.report(Availability::Online, Some(metrics), Some(glance))
            .await;
        Outcome::Read
    }

    async fn report(
        &self,
        availability: Availability,
        metrics: Option<F::Metrics>,
        glance: Option<AtAGlance>,
    ) {
        self.board.seen(&self.shown, availability, glance);
        let report = self.member.report(VehicleReport {
            state: availability,
            online: availability == Availability::Online,
            metrics,
        });
        self.telemetry.report(vec![report]).await;
    }
}

/// What happens after an error, for the log.
fn then(next: Next) -> String {
    match next {
        Next::AsUsual => String::new(),
        Next::After(wait) => format!("; asking again in {} s", wait.as_secs().max(1)),
        Next::Stop => "; this account is not asked any more".to_owned(),
    }
}
